import { Button, Collapse, Select, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useId, useState } from 'react';
import type { EventType, EventTypeName } from '../../api/webhooks';
import { CodeBlock } from '../../ui/code-block';
import { Icon } from '../../ui/icon';

interface SamplePreviewProps {
  readonly types: readonly EventType[];
  readonly chosen: readonly EventTypeName[];
}

/** What a message of a chosen type looks like. */
export function SamplePreview({ types, chosen }: SamplePreviewProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const [wanted, setWanted] = useState<string | null>(null);
  const id = useId();
  const choice = types.filter(({ type }) => chosen.includes(type));
  const shown = choice.find(({ type }) => type === wanted) ?? choice[0];
  if (shown === undefined) return null;
  return (
    <div>
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<Icon name={opened ? 'chevron-down' : 'chevron-right'} size={16} />}
        aria-expanded={opened}
        aria-controls={id}
        onClick={toggle}
      >
        Sample payload
      </Button>
      <Collapse expanded={opened} id={id}>
        <Stack gap="xs" pt="xs">
          {choice.length > 1 && (
            <Select
              aria-label="Sample of"
              data={choice.map(({ type, title }) => ({ value: type, label: title }))}
              value={shown.type}
              onChange={setWanted}
              allowDeselect={false}
            />
          )}
          <CodeBlock name={`Sample of ${shown.title}`} text={messageOf(shown)} />
        </Stack>
      </Collapse>
    </div>
  );
}

function messageOf({ type, sample }: EventType): string {
  return JSON.stringify({ type, timestamp: '2026-03-14T09:26:53.589Z', data: sample }, null, 2);
}
