import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isProblem } from '../api/problem-error';
import { readAnew } from '../api/read-anew';
import { Dialog } from './dialog';
import { ProblemNotice } from './problem-notice';
import { useFocusOnRefusal } from './use-focus-on-refusal';

interface ConfirmDialogProps {
  readonly opened: boolean;
  /** A question: "Delete this webhook?" */
  readonly title: string;
  /** Says what will happen. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  /**
   * While it runs, the button is busy. If it rejects, the dialog stays open and shows the error, unless the thing to be changed is gone.
   */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  readonly disabled?: boolean;
}

/** Asks before something that cannot be taken back. Closing it gives the focus back to what opened it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, onClose, title } = props;
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      {opened && <Question {...props} />}
    </Dialog>
  );
}

function Question({ children, action, onConfirm, onClose, disabled }: ConfirmDialogProps) {
  const queryClient = useQueryClient();
  const confirmation = useMutation({
    mutationFn: async () => {
      try {
        await onConfirm();
      } catch (error) {
        if (!isProblem(error, 'not_found')) throw error;
        // Somebody else was faster: the list behind the dialog will show it.
        await readAnew(queryClient);
      }
    },
  });
  const { ref } = useFocusOnRefusal<HTMLDivElement>(confirmation.error);
  return (
    <Stack ref={ref}>
      {children}
      {confirmation.isError && <ProblemNotice error={confirmation.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          color="red.9"
          loading={confirmation.isPending}
          disabled={disabled}
          onClick={() => confirmation.mutate(undefined, { onSuccess: onClose })}
        >
          {action}
        </Button>
      </Group>
    </Stack>
  );
}
