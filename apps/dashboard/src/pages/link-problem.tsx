import { Text } from '@mantine/core';
import { isProblem } from '../api/problem-error';
import { ProblemNotice } from '../ui/problem-notice';

interface LinkProblemProps {
  readonly error: Error;
  readonly onRetry: () => void;
  /** Where another link comes from. */
  readonly children: string;
}

/** Says why a one-time link does not let anybody in. Unless the link itself is bad, it may be tried again: its token is on this page alone. */
export function LinkProblem({ error, onRetry, children }: LinkProblemProps) {
  if (!isProblem(error, 'link_invalid')) return <ProblemNotice error={error} onRetry={onRetry} />;
  return (
    <>
      <ProblemNotice error={error} />
      <Text size="sm">{children}</Text>
    </>
  );
}
