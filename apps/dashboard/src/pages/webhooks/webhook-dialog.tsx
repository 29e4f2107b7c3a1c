import { Button, Group, Modal, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { changedMembers } from '../../api/changed-members';
import { fieldErrors } from '../../api/field-errors';
import { createWebhook, updateWebhook, type Webhook } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { ProblemNotice } from '../../ui/problem-notice';
import { toastDone } from '../../ui/toast';
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
    <Modal
      opened={opened}
      onClose={onClose}
      title={webhook === null ? 'Add Webhook' : 'Edit Webhook'}
      size="lg"
      closeOnClickOutside={false}
      returnFocus
    >
      {opened && <WebhookForm webhook={webhook} onDone={onClose} />}
    </Modal>
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

/** What the API is asked for, of the values that are named. */
function requestOf<Values extends Partial<WebhookValues>>({ apiKeyId, rateLimit, ...others }: Values) {
  return {
    ...others,
    ...(typeof apiKeyId === 'string' && { apiKeyId }),
    ...(rateLimit !== undefined && { rateLimit: rateLimit === '' ? null : Number(rateLimit) }),
  };
}

function WebhookForm({ webhook, onDone }: { webhook: Webhook | null; onDone: () => void }) {
  const { key: store } = useStore();
  const queryClient = useQueryClient();
  const form = useForm<WebhookValues>({
    transformValues: (values) => ({ ...values, url: values.url.trim() }),
    initialValues: valuesOf(webhook),
    validateInputOnBlur: ['url'],
    validate: {
      url: (url) => {
        const advice = urlAdvice(url);
        return advice?.kind === 'wrong' ? advice.text : null;
      },
      events: (events) => (events.length === 0 ? 'Choose at least one event type.' : null),
    },
  });
  const saving = useMutation({
    mutationFn: (values: WebhookValues) =>
      webhook === null
        ? createWebhook(store, requestOf(values))
        : updateWebhook(store, webhook.id, requestOf(changedMembers(values, form.getInitialValues()))),
    onSuccess: async ({ url }) => {
      await queryClient.invalidateQueries({ queryKey: ['stores', store, 'webhooks'] });
      toastDone(webhook === null ? `${url} hears of the next event.` : `${url} is saved.`);
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values, { onSuccess: onDone }))} noValidate>
      <Stack>
        <WebhookFields form={form} />
        {saving.isError && <ProblemNotice error={saving.error} />}
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
