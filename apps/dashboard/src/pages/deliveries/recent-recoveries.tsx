import { Alert, Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Recovery } from '../../api/recoveries';
import { recentRecoveriesQuery } from '../../api/recent-recoveries';
import { Icon } from '../../ui/icon';
import { RelativeTime } from '../../ui/relative-time';

/** How long a recovery that has ended is shown, so that people who come back hear of it. */
const TOLD_MS = 10 * 60_000;

/** Recoveries that run or have just ended, whoever asked for them, also on another page. */
export function RecentRecoveries({ store }: { store: string }) {
  const queryClient = useQueryClient();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const { data: recoveries = [], dataUpdatedAt } = useQuery(recentRecoveriesQuery(store));
  const running = recoveries.filter(({ state }) => state === 'running').length;
  useEffect(() => {
    // The list shows the new state of deliveries that were sent again.
    void queryClient.invalidateQueries({ queryKey: ['stores', store, 'deliveries'] });
  }, [queryClient, store, running]);
  const told = recoveries.filter(
    ({ id, state, finishedAt }) =>
      !hidden.has(id) &&
      (state === 'running' || (finishedAt !== null && dataUpdatedAt - Date.parse(finishedAt) < TOLD_MS)),
  );
  if (told.length === 0) return null;
  return (
    <Stack gap="xs" role="status" aria-label="Retries">
      {told.map((recovery) => (
        <Told key={recovery.id} recovery={recovery} onHide={() => setHidden(new Set(hidden).add(recovery.id))} />
      ))}
    </Stack>
  );
}

function Told({ recovery, onHide }: { recovery: Recovery; onHide: () => void }) {
  const { state, progress, requeued, createdAt } = recovery;
  if (state === 'running') {
    return (
      <Alert color="blue" icon={<Icon name="rotate" />} title="Sending again what matches">
        <Progress value={progress * 100} animated aria-label="Progress of the retry" my={6} />
        <Text size="sm">{requeued.toLocaleString('en')} so far. It goes on when you leave the page.</Text>
      </Alert>
    );
  }
  return (
    <Alert
      color={state === 'done' ? 'teal' : 'gray'}
      icon={<Icon name={state === 'done' ? 'circle-check' : 'x'} />}
      withCloseButton
      closeButtonLabel="Hide"
      onClose={onHide}
    >
      <Group gap={6}>
        <Text size="sm">{doneText(recovery)}</Text>
        <Text size="sm" c="dimmed">
          <RelativeTime at={createdAt} />
        </Text>
      </Group>
    </Alert>
  );
}

function doneText({ state, requeued, skipped }: Recovery): string {
  if (state === 'canceled') return 'The retry was canceled.';
  if (requeued + skipped === 0) return 'Nothing was left to send again.';
  const left = skipped === 0 ? '' : ` ${skipped.toLocaleString('en')} could not be: their webhook or payload is gone.`;
  return `${requeued.toLocaleString('en')} ${requeued === 1 ? 'delivery was' : 'deliveries were'} sent again.${left}`;
}
