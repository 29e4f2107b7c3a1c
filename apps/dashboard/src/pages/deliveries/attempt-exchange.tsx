import { Alert, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Attempt } from '../../api/deliveries';
import { CopyButton } from '../../ui/copy-button';
import { durationText } from '../../ui/duration-text';
import { HeadersView } from '../../ui/headers-view';
import { Icon } from '../../ui/icon';
import { TextView } from '../../ui/text-view';
import { curlCommand } from '../webhooks/curl-command';

interface AttemptExchangeProps {
  readonly attempt: Attempt;
  /** What was signed and sent; null once it is past its retention. */
  readonly requestBody: string | null;
}

/** One attempt: what was sent, beside it what was answered, and in words why it did not arrive. */
export function AttemptExchange({ attempt, requestBody }: AttemptExchangeProps) {
  const { error, number } = attempt;
  return (
    <Stack component="section" aria-label={`Attempt ${number}`}>
      {error !== null && (
        <Alert color="red" icon={<Icon name="alert-triangle" />}>
          {error.message} {error.hint}
        </Alert>
      )}
      <Phases attempt={attempt} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" verticalSpacing="lg">
        <Sent attempt={attempt} requestBody={requestBody} />
        <Answered attempt={attempt} />
      </SimpleGrid>
    </Stack>
  );
}

function Sent({ attempt: { request }, requestBody }: AttemptExchangeProps) {
  return (
    <Stack gap="sm" miw={0}>
      <Group gap={4} wrap="nowrap" justify="space-between" mih={34}>
        <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          <b>{request.method}</b> {request.url}
        </Text>
        {requestBody !== null && <CopyButton of="as cURL" text={curlCommand({ ...request, body: requestBody })} />}
      </Group>
      <HeadersView name="Request headers" headers={request.headers} />
      {requestBody === null ? (
        <Text size="sm" c="dimmed">
          The payload is past its retention.
        </Text>
      ) : (
        <TextView name="Request body" text={requestBody} />
      )}
    </Stack>
  );
}

function Answered({ attempt: { response } }: { attempt: Attempt }) {
  if (response === null) {
    return (
      <Stack gap="sm">
        <Text size="sm" fw={600} mih={34}>
          No answer
        </Text>
        <Text size="sm" c="dimmed">
          The endpoint sent nothing that could be read.
        </Text>
      </Stack>
    );
  }
  const { statusCode, headers, body, bodyTruncated } = response;
  return (
    <Stack gap="sm" miw={0}>
      <Group mih={34}>
        <Text size="sm" ff="monospace">
          <b>{statusCode}</b>
        </Text>
      </Group>
      <HeadersView name="Response headers" headers={headers} />
      <TextView
        name="Response body"
        text={body}
        {...(bodyTruncated && { note: 'The endpoint sent more; the rest is not kept.' })}
      />
    </Stack>
  );
}

const PHASES = [
  ['dnsMs', 'Name'],
  ['connectMs', 'Connection'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'First byte'],
  ['totalMs', 'In all'],
] as const;

function Phases({ attempt: { timings } }: { attempt: Attempt }) {
  return (
    <Group gap="lg">
      {PHASES.map(([phase, name]) => {
        const ms = timings[phase];
        if (ms === null) return null;
        return (
          <Text key={phase} size="xs">
            <Text span inherit c="dimmed">
              {name}
            </Text>{' '}
            {durationText(ms)}
          </Text>
        );
      })}
    </Group>
  );
}
