import { Group, Text } from '@mantine/core';
import { Icon } from '../../ui/icon';

/** Whether a key is on: a check, or an X. */
export function ActivatedMark({ activated }: { activated: boolean }) {
  return (
    <Group gap={6} wrap="nowrap" c={activated ? 'var(--mantine-color-teal-light-color)' : 'dimmed'}>
      <Icon name={activated ? 'circle-check' : 'circle-x'} label={activated ? 'Activated' : 'Not activated'} />
      <Text span size="xs" aria-hidden>
        {activated ? 'On' : 'Off'}
      </Text>
    </Group>
  );
}
