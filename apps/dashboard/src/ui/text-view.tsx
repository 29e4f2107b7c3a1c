import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { CodeBlock } from './code-block';
import { prettyJson } from './pretty-json';
import { visibleText } from './visible-text';

interface TextViewProps {
  /** What it is: "Response body". */
  readonly name: string;
  readonly text: string;
  /** Said below it. */
  readonly note?: string;
}

type Layout = 'pretty' | 'raw';
const LAYOUTS: { value: Layout; label: string }[] = [
  { value: 'pretty', label: 'Pretty' },
  { value: 'raw', label: 'Raw' },
];

/** A text from elsewhere, shown as text: nothing in it is interpreted. JSON is laid out, unless the person asks for the original. */
export function TextView({ name, text, note }: TextViewProps) {
  const [layout, setLayout] = useState<Layout>('pretty');
  const pretty = prettyJson(text);
  const shown = layout === 'pretty' ? (pretty ?? text) : text;
  return (
    <Stack gap={6}>
      <Group justify="space-between" mih={28}>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {pretty !== null && (
          <SegmentedControl
            size="xs"
            aria-label={`Layout of the ${name.toLowerCase()}`}
            data={LAYOUTS}
            value={layout}
            onChange={setLayout}
          />
        )}
      </Group>
      {text === '' ? (
        <Text size="sm" c="dimmed">
          Empty
        </Text>
      ) : (
        <CodeBlock name={name} text={visibleText(shown)} />
      )}
      {note !== undefined && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Stack>
  );
}
