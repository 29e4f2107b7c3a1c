import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ApiKey, revealApiKey } from '../../api/api-keys';
import { eventTypesQuery, type Webhook } from '../../api/webhooks';
import { useIdentity } from '../../session/identity';
import { CodeBlock } from '../../ui/code-block';
import { CopyButton } from '../../ui/copy-button';
import { quoted } from '../webhooks/curl-command';

interface PublishCommandProps {
  readonly store: string;
  readonly apiKey: ApiKey;
  readonly webhook: Webhook;
}

/** The command that publishes an event to which the webhook is subscribed. The secret is not on the page, only in what is copied. */
export function PublishCommand({ store, apiKey, webhook }: PublishCommandProps) {
  const withIdentity = useIdentity();
  const eventTypes = useQuery(eventTypesQuery).data ?? [];
  const eventType = eventTypes.find(
    ({ type, publishPermission }) =>
      webhook.events.includes(type) && apiKey.permissions.some((permission) => permission === publishPermission),
  );
  if (eventType === undefined) {
    return (
      <Text size="sm">
        The webhook is subscribed to {webhook.events.join(', ')}, and the API key “{apiKey.description}” may not publish
        that. Give the key the permission, or subscribe the webhook to something else.
      </Text>
    );
  }
  const { type, sample: data } = eventType;
  const command = (credentials: string) =>
    [
      `curl ${quoted(`${window.location.origin}/api/v1/stores/${store}/events`)}`,
      `-u ${quoted(credentials)}`,
      `-H 'content-type: application/json'`,
      `-d ${quoted(JSON.stringify({ type, data }))}`,
    ].join(' \\\n  ');
  return (
    <>
      <Group gap="xs">
        <Text size="sm">Run this where you like: it publishes a sample, as your software will.</Text>
        <CopyButton
          of="command with key and secret"
          text={async () => {
            const { key, secret } = await withIdentity(() => revealApiKey(store, apiKey.id));
            return command(`${key}:${secret}`);
          }}
        />
      </Group>
      <CodeBlock name="command, without the secret" text={command(`${apiKey.key}:…`)} />
    </>
  );
}
