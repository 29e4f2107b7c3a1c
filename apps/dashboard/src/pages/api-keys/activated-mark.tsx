import { Group, Text } from '@mantine/core';
import { Icon } from '../../ui/icon';
import type { KeyState } from './key-state';

const LABELS: Readonly<Record<KeyState, { readonly label: string; readonly short: string }>> = {
  activated: { label: 'Activated', short: 'On' },
  'not activated': { label: 'Not activated', short: 'Off' },
  expired: { label: 'Expired', short: 'Expired' },
};

/** Whether a key is on: a check, or an X. */
export function ActivatedMark({ state }: { state: KeyState }) {
  const { label, short } = LABELS[state];
  const on = state === 'activated';
  return (
    <Group gap={6} wrap="nowrap" c={on ? 'var(--mantine-color-teal-light-color)' : 'dimmed'}>
      <Icon name={on ? 'circle-check' : 'circle-x'} label={label} />
      <Text span size="xs" aria-hidden>
        {short}
      </Text>
    </Group>
  );
}
