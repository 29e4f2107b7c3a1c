import { Button, Group, Progress, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Recovery, recoverWebhook, recoveryQuery } from '../../api/recoveries';
import type { Webhook } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Dialog } from '../../ui/dialog';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

const HOUR_MS = 3_600_000;
const WINDOWS = [
  { value: '1', label: 'The last hour' },
  { value: '24', label: 'The last day' },
  { value: '168', label: 'The last 7 days' },
  { value: '720', label: 'The last 30 days' },
];

interface RecoverDialogProps {
  /** Null: the dialog is closed. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
}

/** Has sent again what failed in a window of time, and shows how far that has got. */
export function RecoverDialog({ webhook, onClose }: RecoverDialogProps) {
  return (
    <Dialog opened={webhook !== null} onClose={onClose} title="Recover what failed">
      {webhook !== null && <RecoverForm webhook={webhook} onDone={onClose} />}
    </Dialog>
  );
}

function RecoverForm({ webhook, onDone }: { webhook: Webhook; onDone: () => void }) {
  const { key: store } = useStore();
  const [hours, setHours] = useState('24');
  const recovery = useMutation({
    mutationFn: () => recoverWebhook(store, webhook.id, new Date(Date.now() - Number(hours) * HOUR_MS).toISOString()),
  });
  const { ref } = useFocusOnRefusal<HTMLDivElement>(recovery.error);
  if (recovery.isSuccess) return <RecoveryProgress store={store} recovery={recovery.data} onDone={onDone} />;
  return (
    <Stack ref={ref}>
      <Text size="sm">
        What failed or was canceled is sent again, each with its first id, so that a receiver that has it already can
        tell.
      </Text>
      <Select
        label="Sent in"
        data={WINDOWS}
        value={hours}
        onChange={(chosen) => setHours(chosen ?? hours)}
        allowDeselect={false}
        data-autofocus
      />
      {recovery.isError && <ProblemNotice error={recovery.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button loading={recovery.isPending} onClick={() => recovery.mutate()}>
          Recover
        </Button>
      </Group>
    </Stack>
  );
}

interface RecoveryProgressProps {
  readonly store: string;
  readonly recovery: Recovery;
  readonly onDone: () => void;
}

function RecoveryProgress({ store, recovery: { id }, onDone }: RecoveryProgressProps) {
  const { data } = useQuery(recoveryQuery(store, id));
  const done = data?.state === 'done';
  return (
    <Stack>
      <Progress value={(data?.progress ?? 0) * 100} animated={!done} aria-label="Recovery" />
      <Text size="sm" role="status">
        {done ? doneText(data) : 'Looking for what failed. It goes on when you close this.'}
      </Text>
      <Group justify="flex-end">
        <Button onClick={onDone} autoFocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
}

function doneText({ requeued, skipped }: Recovery): string {
  if (requeued + skipped === 0) return 'Nothing had failed in that time.';
  const left = skipped === 0 ? '' : ` ${skipped.toLocaleString('en')} cannot be sent any more.`;
  return `${requeued.toLocaleString('en')} ${requeued === 1 ? 'delivery is' : 'deliveries are'} on the way again.${left}`;
}
