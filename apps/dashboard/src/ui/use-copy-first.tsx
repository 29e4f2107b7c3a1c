import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useIsMutating, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { Icon } from './icon';

interface CopyFirstOptions {
  /** The key of the mutation whose answer the dialog will show. */
  readonly mutationKey: readonly string[];
  /** What is to be copied: "secret". */
  readonly what: string;
  /** What happens when somebody leaves without having copied it. */
  readonly warning: string;
  readonly onClose: () => void;
}

interface CopyFirst {
  /** Closes the dialog, unless an answer is awaited or a value is not copied yet. */
  readonly close: () => void;
  /** Hears whether something is shown that is not copied yet. */
  readonly setUncopied: (uncopied: boolean) => void;
  /** Why the dialog stays, for those who wanted to leave it. */
  readonly notice: ReactNode;
}

/**
 * Keeps a dialog open until a value that is shown only once has come and was copied. Somebody who wants to leave earlier is asked first.
 */
export function useCopyFirst({ mutationKey, what, warning, onClose }: CopyFirstOptions): CopyFirst {
  const queryClient = useQueryClient();
  const isAwaited = useIsMutating({ mutationKey }) > 0;
  const isUncopied = useRef(false);
  const [staysFor, setStaysFor] = useState<'answer' | 'copy' | null>(null);
  const leave = () => {
    isUncopied.current = false;
    setStaysFor(null);
    onClose();
  };
  const stay = () => {
    setStaysFor(null);
    document.querySelector<HTMLElement>('[role="dialog"] [data-to-copy]')?.focus();
  };
  return {
    close: () => {
      // Reads the present state, because the last rendered one may be older.
      if (queryClient.isMutating({ mutationKey }) > 0) setStaysFor('answer');
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
        {staysFor === 'copy' && <LeaveWarning what={what} warning={warning} onStay={stay} onLeave={leave} />}
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
            Leave all the same
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
