import { Group, Text, Tooltip } from '@mantine/core';
import { CopyButton } from './copy-button';

const SHOWN_CHARACTERS = 5;

/** An id as short as one can still tell it from others; the whole of it is in its tooltip, and to be copied. */
export function ShortId({ of, id }: { of: string; id: string }) {
  const [prefix = ''] = id.split('_');
  return (
    <Group gap={0} wrap="nowrap">
      <Tooltip label={id}>
        <Text span ff="monospace" size="xs" title={id} style={{ whiteSpace: 'nowrap' }}>
          {prefix}_…{id.slice(-SHOWN_CHARACTERS)}
        </Text>
      </Tooltip>
      <CopyButton of={`ID of the ${of}`} text={id} />
    </Group>
  );
}
