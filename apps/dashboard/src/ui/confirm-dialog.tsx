import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemNotice } from './problem-notice';

interface ConfirmDialogProps {
  readonly opened: boolean;
  /** A question: "Delete this webhook?" */
  readonly title: string;
  /** What will become of what. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  /** While it runs the button is busy; what it rejects with is shown in the dialog, which stays open. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  readonly disabled?: boolean;
}

/** Asks before something that cannot be taken back. Closing it gives the focus back to what opened it. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const confirmation = useMutation({ mutationFn: props.onConfirm, onSuccess: props.onClose });
  const close = () => {
    confirmation.reset();
    props.onClose();
  };
  return (
    <Modal opened={props.opened} onClose={close} title={props.title} returnFocus>
      <Stack>
        {props.children}
        {confirmation.isError && <ProblemNotice error={confirmation.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button
            color="red.9"
            loading={confirmation.isPending}
            disabled={props.disabled}
            onClick={() => confirmation.mutate()}
          >
            {props.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
