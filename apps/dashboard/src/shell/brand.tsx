import { Group, Text } from '@mantine/core';
import mark from '../signpost.svg';

/** The mark and the name. */
export function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <img src={mark} width={26} height={26} alt="" />
      <Text component="span" fw={700} fz="md" lts={-0.2}>
        Signpost
      </Text>
    </Group>
  );
}
