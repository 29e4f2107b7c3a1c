import { Text } from '@mantine/core';
import { Countdown } from '../../ui/countdown';

/** When a delivery is attempted next. @param at - null: an attempt is being made */
export function NextAttempt({ at }: { at: string | null }) {
  return (
    <Text size="xs" c="dimmed" component="span">
      {at === null ? (
        'Being attempted'
      ) : (
        <>
          Next <Countdown at={at} />
        </>
      )}
    </Text>
  );
}
