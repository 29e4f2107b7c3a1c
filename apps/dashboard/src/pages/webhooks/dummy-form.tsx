import { Button, Group, Select, Stack, Text, Textarea } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import type { EventType, EventTypeName, Webhook } from '../../api/webhooks';
import { Disclosure } from '../../ui/disclosure';
import { Icon } from '../../ui/icon';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

/** What is to be sent. */
export interface DummyOrder {
  readonly eventType: EventTypeName;
  /** JSON text of a payload of one's own; null sends the sample. */
  readonly data: string | null;
}

interface DummyFormProps {
  readonly webhook: Webhook;
  readonly types: readonly EventType[];
  readonly busy: boolean;
  readonly onSend: (order: DummyOrder) => void;
}

/** What is sent unless another type is chosen. */
export function firstEventType({ events }: Webhook): EventTypeName {
  return events[0] ?? 'order.create';
}

/** Chooses the event type, and lets the payload be changed. */
export function DummyForm({ webhook, types, busy, onSend }: DummyFormProps) {
  const [eventType, setEventType] = useState(firstEventType(webhook));
  const [edited, setEdited] = useState<string | null>(null);
  const sample = JSON.stringify(types.find(({ type }) => type === eventType)?.sample ?? {}, null, 2);
  const problem = edited === null ? null : payloadProblem(edited);
  const { ref, refused } = useFocusOnRefusal(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (problem === null) onSend({ eventType, data: edited });
    else refused();
  };
  return (
    <form ref={ref} onSubmit={submit}>
      <Stack gap="xs">
        <Group align="flex-end" gap="sm">
          <Select
            flex="1 1 200px"
            label="Event type"
            data={types.map(({ type, title }) => ({ value: type, label: title }))}
            value={eventType}
            allowDeselect={false}
            onChange={(chosen) => {
              setEventType(chosen ?? eventType);
              setEdited(null);
            }}
          />
          <Button type="submit" leftSection={<Icon name="send" size={16} />} loading={busy}>
            Send Dummy
          </Button>
        </Group>
        {!webhook.events.includes(eventType) && (
          <Text size="xs" c="dimmed">
            The webhook is not subscribed to this type; the dummy is sent all the same.
          </Text>
        )}
        <PayloadEditor text={edited ?? sample} problem={problem} edited={edited !== null} onEdit={setEdited} />
      </Stack>
    </form>
  );
}

/** @returns what is wrong with a text that should be an event's `data`; null when nothing is */
function payloadProblem(text: string): string | null {
  try {
    const data: unknown = JSON.parse(text);
    const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
    return isObject ? null : 'The payload must be a JSON object: { … }.';
  } catch (error) {
    return error instanceof Error ? error.message : 'This is not JSON.';
  }
}

interface PayloadEditorProps {
  readonly text: string;
  readonly problem: string | null;
  readonly edited: boolean;
  /** Null goes back to the sample. */
  readonly onEdit: (text: string | null) => void;
}

function PayloadEditor({ text, problem, edited, onEdit }: PayloadEditorProps) {
  const back = edited && (
    <Button variant="subtle" color="gray" size="compact-sm" onClick={() => onEdit(null)}>
      Back to the sample
    </Button>
  );
  return (
    <Disclosure label="Edit payload" heldOpen={problem !== null} beside={back}>
      <Textarea
        mt="xs"
        aria-label="Payload"
        autosize
        minRows={6}
        maxRows={14}
        spellCheck={false}
        styles={{
          input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-xs)' },
        }}
        value={text}
        error={problem}
        onChange={(event) => onEdit(event.currentTarget.value)}
      />
    </Disclosure>
  );
}
