import { Button, Group, PasswordInput, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { revealApiKey } from '../../api/api-keys';
import { sentBodyOf } from '../../api/sent-body';
import type { Webhook } from '../../api/webhooks';
import { useIdentity } from '../../session/identity';
import { useStore } from '../../session/use-me';
import { Icon } from '../../ui/icon';
import { Panel } from '../../ui/panel';
import { toastProblem } from '../../ui/toast';
import { CanceledError } from '../../ui/canceled-error';
import { checkSignature, type ReceivedMessage, webhookIdIn } from './signature-check';
import { VerdictNotice } from './verdict-notice';

const MONOSPACE_INPUT = { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } } as const;
const NOTHING: ReceivedMessage = { headers: '', body: '', secret: '' };

/** Says of a request that a receiver got whether it verifies, and why not. */
export function SignatureChecker({ store, webhook }: { store: string; webhook: Webhook }) {
  const [message, setMessage] = useState(NOTHING);
  const check = useMutation({
    mutationFn: async () => {
      const eventId = webhookIdIn(message.headers);
      // The log may tell what was sent; without it the check is only less exact.
      const sentBody = eventId === null ? null : await sentBodyOf(store, webhook.id, eventId).catch(() => null);
      return checkSignature(message, Date.now(), sentBody);
    },
  });
  const change = (part: Partial<ReceivedMessage>) => {
    check.reset();
    setMessage({ ...message, ...part });
  };
  return (
    <Panel title="Why does it not verify?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          check.mutate();
        }}
      >
        <Stack>
          <Text size="sm">
            Paste what your receiver got. All is worked out in this browser; the secret does not leave it.
          </Text>
          <MessageFields message={message} onChange={change} />
          <SecretField
            store={store}
            webhook={webhook}
            value={message.secret}
            onChange={(secret) => change({ secret })}
          />
          <Group>
            <Button type="submit" loading={check.isPending} leftSection={<Icon name="shield-lock" size={16} />}>
              Check
            </Button>
          </Group>
          <div role="status">{check.isSuccess && <VerdictNotice verdict={check.data} body={message.body} />}</div>
        </Stack>
      </form>
    </Panel>
  );
}

interface MessageFieldsProps {
  readonly message: ReceivedMessage;
  readonly onChange: (part: Partial<ReceivedMessage>) => void;
}

function MessageFields({ message, onChange }: MessageFieldsProps) {
  const field = { autosize: true, minRows: 4, maxRows: 10, spellCheck: false, styles: MONOSPACE_INPUT } as const;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Textarea
        {...field}
        label="Headers"
        description="One to a line, as they came"
        placeholder={'webhook-id: evt_…\nwebhook-timestamp: 17…\nwebhook-signature: v1,…'}
        value={message.headers}
        onChange={(event) => onChange({ headers: event.currentTarget.value })}
      />
      <Textarea
        {...field}
        label="Body"
        description="The raw text, before anything parsed it"
        placeholder='{"type":"order.create",…}'
        value={message.body}
        onChange={(event) => onChange({ body: event.currentTarget.value })}
      />
    </SimpleGrid>
  );
}

interface SecretFieldProps {
  readonly store: string;
  readonly webhook: Webhook;
  readonly value: string;
  readonly onChange: (secret: string) => void;
}

function SecretField({ store, webhook: { apiKeyId }, value, onChange }: SecretFieldProps) {
  const { manages } = useStore();
  const withIdentity = useIdentity();
  const reveal = useMutation({
    mutationFn: (id: string) => withIdentity(() => revealApiKey(store, id)),
    onSuccess: ({ secret }) => onChange(secret),
    onError: (error) => {
      if (!(error instanceof CanceledError)) toastProblem(error, { doing: 'reading' });
    },
  });
  return (
    <Group align="flex-end" gap="sm">
      <PasswordInput
        label="Secret"
        description="That your receiver verifies with; several with a space between them"
        placeholder="whsec_…"
        autoComplete="off"
        flex="1 1 260px"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {manages && apiKeyId !== null && (
        <Button variant="default" loading={reveal.isPending} onClick={() => reveal.mutate(apiKeyId)}>
          Use the webhook’s own
        </Button>
      )}
    </Group>
  );
}
