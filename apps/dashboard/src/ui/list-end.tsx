import { Button, Center, Text } from '@mantine/core';

interface ListEndProps {
  /** What reads the log. */
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
  /** How many there are on the page. */
  readonly count: number;
}

/** Stands below a log that is read page by page. */
export function ListEnd({ list, count }: ListEndProps) {
  if (count === 0) return null;
  return (
    <Center>
      {list.hasNextPage ? (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show older
        </Button>
      ) : (
        <Text size="xs" c="dimmed">
          {count === 1 ? 'This is the only one.' : `These are all ${count}.`}
        </Text>
      )}
    </Center>
  );
}
