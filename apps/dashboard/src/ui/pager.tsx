import { Button, Center, Group, Stack, Text } from '@mantine/core';
import type { PageOfLog } from './use-page-of-log';

interface PagerProps {
  readonly log: PageOfLog<unknown>;
}

/** Stands below a page of a log, and turns the pages. */
export function Pager({ log }: PagerProps) {
  const { rows, number, hasOlder } = log;
  if (rows === undefined) return null;
  if (number === 1 && !hasOlder) return rows.length > 0 && <All count={rows.length} />;
  return (
    <Stack gap="xs" align="center">
      {rows.length === 0 && hasOlder && (
        <Text size="sm" c="dimmed">
          The search has not come to the end of the log yet.
        </Text>
      )}
      <Group component="nav" aria-label="Pages" gap="xs" justify="center">
        <Turn label="Newest" isOpen={number > 1} log={log} onTurn={log.toNewest} />
        <Turn label="Newer" isOpen={number > 1} log={log} onTurn={log.toNewer} />
        <Text size="sm" c="dimmed" px="xs" role="status">
          Page {number}
        </Text>
        <Turn label="Older" isOpen={hasOlder} log={log} onTurn={log.toOlder} />
      </Group>
    </Stack>
  );
}

function All({ count }: { count: number }) {
  return (
    <Center>
      <Text size="xs" c="dimmed">
        {count === 1 ? 'This is the only one.' : `These are all ${count}.`}
      </Text>
    </Center>
  );
}

interface TurnProps extends PagerProps {
  readonly label: string;
  readonly isOpen: boolean;
  readonly onTurn: () => void;
}

/** A button that keeps the focus when there is no further page: only its looks and its label are those of a disabled button. */
function Turn({ label, isOpen, log, onTurn }: TurnProps) {
  const isDisabled = !isOpen || log.isTurning;
  return (
    <Button
      variant="default"
      aria-disabled={isDisabled}
      data-disabled={isDisabled || undefined}
      onClick={() => {
        if (isDisabled) return;
        onTurn();
        window.scrollTo({ top: 0 });
      }}
    >
      {label}
    </Button>
  );
}
