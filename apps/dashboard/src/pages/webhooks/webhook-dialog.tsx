import { Button, Group, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { changedMembers, hasMembers } from '../../api/changed-members';
import { fieldErrors } from '../../api/field-errors';
import {
  createWebhook,
  readWebhook,
  readWebhooks,
  updateWebhook,
  type Webhook,
  webhooksQuery,
} from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Dialog } from '../../ui/dialog';
import { ProblemNotice } from '../../ui/problem-notice';
import { toastDone } from '../../ui/toast';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';
import { useMakeOnce } from '../../ui/use-make-once';
import { hasTwin } from './has-twin';
import { urlAdvice } from './url-advice';
import { WebhookFields, type WebhookValues } from './webhook-fields';

interface WebhookDialogProps {
  /** The one that is changed; null when a new one is made. */
  readonly webhook: Webhook | null;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Makes a webhook, or changes one. */
export function WebhookDialog({ webhook, opened, onClose }: WebhookDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={webhook === null ? 'Add Webhook' : 'Edit Webhook'} size="lg">
      {opened && <WebhookForm webhook={webhook} onDone={onClose} />}
    </Dialog>
  );
}

function valuesOf(webhook: Webhook | null): WebhookValues {
  return {
    url: webhook?.url ?? '',
    events: webhook?.events ?? ['order.create'],
    apiKeyId: webhook?.apiKeyId ?? null,
    description: webhook?.description ?? '',
    rateLimit: webhook?.rateLimit ?? '',
  };
}

/** What the API is asked for. */
function requestOf({ apiKeyId, rateLimit, ...others }: WebhookValues) {
  return {
    ...others,
    ...(apiKeyId !== null && { apiKeyId }),
    rateLimit: rateLimit === '' ? null : Number(rateLimit),
  };
}

async function saveChanges(store: string, webhook: Webhook, values: WebhookValues): Promise<Webhook> {
  const now = requestOf(valuesOf(await readWebhook(store, webhook.id)));
  return updateWebhook(store, webhook.id, changedMembers(requestOf(values), requestOf(valuesOf(webhook)), now));
}

/** @returns what makes the webhook, unless it was made already and only the answer was lost */
function useCreation(store: string): (values: WebhookValues) => Promise<Webhook> {
  const once = useMakeOnce(webhooksQuery(store).queryKey, () => readWebhooks(store));
  return (values) => {
    const request = requestOf(values);
    return once({
      make: () => createWebhook(store, request),
      isIt: (webhook) => hasMembers(requestOf(valuesOf(webhook)), request),
      adopt: (webhook) => webhook,
    });
  };
}

function WebhookForm({ webhook, onDone }: { webhook: Webhook | null; onDone: () => void }) {
  const { key: store } = useStore();
  const queryClient = useQueryClient();
  const form = useForm<WebhookValues>({
    transformValues: (values) => ({ ...values, url: values.url.trim() }),
    initialValues: valuesOf(webhook),
    validate: {
      url: (url) => {
        const advice = urlAdvice(url);
        return advice?.kind === 'wrong' ? advice.text : null;
      },
      events: (events) => (events.length === 0 ? 'Choose at least one event type.' : null),
    },
  });
  const create = useCreation(store);
  const { data: webhooks = [] } = useQuery(webhooksQuery(store));
  const others = webhooks.filter(({ id }) => id !== webhook?.id);
  const saving = useMutation({
    mutationFn: (values: WebhookValues) => (webhook === null ? create(values) : saveChanges(store, webhook, values)),
    onSuccess: async ({ url }) => {
      await queryClient.invalidateQueries({ queryKey: ['stores', store, 'webhooks'] });
      toastDone(webhook === null ? `${url} hears of the next event.` : `${url} is saved.`);
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref, refused } = useFocusOnRefusal(saving.error, saving.reset);
  return (
    <form
      ref={ref}
      onSubmit={form.onSubmit((values) => saving.mutate(values, { onSuccess: onDone }), refused)}
      noValidate
    >
      <Stack>
        <WebhookFields form={form} hasTwin={hasTwin(form.getValues(), others)} />
        {saving.isError && <ProblemNotice error={saving.error} doing={webhook === null ? 'making' : 'changing'} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
