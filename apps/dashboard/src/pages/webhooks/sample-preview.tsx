import { Select, Stack } from '@mantine/core';
import { useState } from 'react';
import type { EventType, EventTypeName } from '../../api/webhooks';
import { CodeBlock } from '../../ui/code-block';
import { Disclosure } from '../../ui/disclosure';

interface SamplePreviewProps {
  readonly types: readonly EventType[];
  readonly chosen: readonly EventTypeName[];
}

/** What a message of a chosen type looks like. */
export function SamplePreview({ types, chosen }: SamplePreviewProps) {
  const [wanted, setWanted] = useState<string | null>(null);
  const choice = types.filter(({ type }) => chosen.includes(type));
  const shown = choice.find(({ type }) => type === wanted) ?? choice[0];
  if (shown === undefined) return null;
  return (
    <Disclosure label="Sample payload">
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
    </Disclosure>
  );
}

function messageOf({ type, sample }: EventType): string {
  return JSON.stringify({ type, timestamp: '2026-03-14T09:26:53.589Z', data: sample }, null, 2);
}
