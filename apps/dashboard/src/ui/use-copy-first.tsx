import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { type Mutation, useIsMutating, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { Icon } from './icon';

interface CopyFirstOptions {
  /** Of what the dialog is to show the answer of. */
  readonly mutationKey: readonly string[];
  /** What is to be copied: "secret". */
  readonly what: string;
  /** What becomes of those who leave without it. */
  readonly warning: string;
  readonly onClose: () => void;
}

interface CopyFirst {
  /** Closes the dialog, unless something is to be awaited or copied first. */
  readonly close: () => void;
  /** Hears whether something is shown that is not copied yet. */
  readonly setUncopied: (uncopied: boolean) => void;
  /** Why the dialog stays, for those who wanted to leave it. */
  readonly notice: ReactNode;
}

/** Keeps a dialog open until what it shows once has come and is copied; who wants to leave all the same is asked. */
export function useCopyFirst({ mutationKey, what, warning, onClose }: CopyFirstOptions): CopyFirst {
  const queryClient = useQueryClient();
  // One that waits for a network is not on its way.
  const underWay = { mutationKey, predicate: ({ state }: Mutation) => !state.isPaused };
  const isAwaited = useIsMutating(underWay) > 0;
  const isUncopied = useRef(false);
  const [staysFor, setStaysFor] = useState<'answer' | 'copy' | null>(null);
  const leave = () => {
    isUncopied.current = false;
    setStaysFor(null);
    onClose();
  };
  return {
    close: () => {
      // Asked of what is true now: what was rendered last may be older.
      if (queryClient.isMutating(underWay) > 0) setStaysFor('answer');
      else if (isUncopied.current) setStaysFor('copy');
      else leave();
    },
    setUncopied: (uncopied) => {
      isUncopied.current = uncopied;
      setStaysFor(null);
    },
    notice: (
      <>
        {staysFor === 'answer' && isAwaited && <AnswerAwaited what={what} />}
        {staysFor === 'copy' && (
          <LeaveWarning what={what} warning={warning} onStay={() => setStaysFor(null)} onLeave={leave} />
        )}
      </>
    ),
  };
}

function AnswerAwaited({ what }: { what: string }) {
  return (
    <Alert
      role="alert"
      color="blue"
      variant="light"
      icon={<Icon name="info-circle" />}
      title="Still waiting for an answer"
    >
      The dialog stays until it is here, for it shows the {what}. If none comes, reload the page, and look at the list
      before you try again.
    </Alert>
  );
}

interface LeaveWarningProps extends Pick<CopyFirstOptions, 'what' | 'warning'> {
  readonly onStay: () => void;
  readonly onLeave: () => void;
}

function LeaveWarning({ what, warning, onStay, onLeave }: LeaveWarningProps) {
  return (
    <Alert
      role="alert"
      color="orange"
      variant="light"
      icon={<Icon name="alert-triangle" />}
      title={`You have not copied the ${what}`}
    >
      <Stack gap="sm">
        <Text size="sm">{warning}</Text>
        <Group gap="xs">
          <Button size="xs" onClick={onStay} autoFocus>
            Back to the {what}
          </Button>
          <Button size="xs" variant="default" onClick={onLeave}>
            Leave without it
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
