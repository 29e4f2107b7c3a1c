import { Button, Stack, Text } from '@mantine/core';

interface ShowMoreProps {
  readonly shown: number;
  /** How many there are that could be shown. */
  readonly total: number;
  readonly onMore: () => void;
}

/**
 * Shown below a part of a long list. The button keeps the focus once all is shown: only its looks and its label are those of a disabled
 * one.
 */
export function ShowMore({ shown, total, onMore }: ShowMoreProps) {
  const isAll = shown >= total;
  return (
    <Stack gap="xs" align="center" p="md">
      <Text size="xs" c="dimmed" role="status">
        {isAll ? `These are all ${total}.` : `These are ${shown} of ${total}.`}
      </Text>
      <Button
        variant="default"
        aria-disabled={isAll}
        data-disabled={isAll || undefined}
        onClick={isAll ? undefined : onMore}
      >
        Show more
      </Button>
    </Stack>
  );
}
