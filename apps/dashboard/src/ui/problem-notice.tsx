import { Alert, Anchor, Button, Code, Group, Stack, Text } from '@mantine/core';
import { type Doing, noticeOf } from '../api/notice';
import { isProblem } from '../api/problem-error';
import { CanceledError } from './canceled-error';
import { Icon } from './icon';

interface ProblemNoticeProps {
  readonly error: unknown;
  /** Reads again what could not be read; offered as "Try again". */
  readonly onRetry?: () => void;
  /** What did not work; left out, something was to be changed or, where it can be read again, read. */
  readonly doing?: Doing;
}

/** Says what happened and what to do, in the place of the thing that did not work. Shows nothing for an act that the person canceled. */
export function ProblemNotice({
  error,
  onRetry,
  doing = onRetry === undefined ? 'changing' : 'reading',
}: ProblemNoticeProps) {
  if (error instanceof CanceledError) return null;
  const { title, detail, advice, reference } = noticeOf(error, doing);
  return (
    <Alert role="alert" tabIndex={-1} color="red" variant="light" title={title} icon={<Icon name="alert-triangle" />}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{detail}</Text>
        <Text size="sm">{advice}</Text>
        {reference !== null && (
          <Text size="xs">
            Reference <Code>{reference}</Code>
          </Text>
        )}
        {isProblem(error, 'unauthenticated') && (
          // In a new tab, so that what was typed on this page is kept.
          <Anchor href="/sign-in" target="_blank" size="sm" underline="always">
            Sign in in a new tab
          </Anchor>
        )}
        {onRetry !== undefined && (
          <Group>
            <Button size="xs" variant="default" leftSection={<Icon name="refresh" size={14} />} onClick={onRetry}>
              Try again
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
