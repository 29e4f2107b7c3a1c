import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type DeliveryFilters, mayBeRetried, retriableCountQuery, retryMatching } from '../../api/deliveries';
import { recentRecoveriesQuery } from '../../api/recent-recoveries';
import { Dialog } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

interface RetryMatchingProps {
  readonly store: string;
  readonly filters: DeliveryFilters;
}

/** Sends all matching deliveries again. There is no button when the filters ask for a status that cannot be retried by hand. */
export function RetryMatching({ store, filters }: RetryMatchingProps) {
  const [opened, { open, close }] = useDisclosure(false);
  if (!mayBeRetried(filters.status)) return null;
  return (
    <>
      <Button variant="default" leftSection={<Icon name="rotate" size={16} />} onClick={open}>
        Retry all matching
      </Button>
      <Dialog opened={opened} onClose={close} title="Retry all that match">
        {opened && <RetryForm store={store} filters={filters} onDone={close} />}
      </Dialog>
    </>
  );
}

function RetryForm({ store, filters, onDone }: RetryMatchingProps & { onDone: () => void }) {
  const queryClient = useQueryClient();
  const count = useQuery(retriableCountQuery(store, filters));
  const retry = useMutation({
    mutationFn: () => retryMatching(store, filters),
    onSuccess: () => void queryClient.invalidateQueries(recentRecoveriesQuery(store)),
  });
  const error = retry.error ?? count.error;
  const nothing = count.data?.count === 0;
  const { ref } = useFocusOnRefusal<HTMLDivElement>(retry.error);
  return (
    <Stack ref={ref}>
      {count.isPending ? (
        <Loader type="dots" aria-label="Counting" role="status" />
      ) : (
        <Text size="sm">
          {nothing
            ? 'Nothing that matches the filters has failed, waits for a retry or was canceled.'
            : `${kindOf(filters)} that match the filters are sent again, each with the id that it has, so that a receiver that knows it already can tell.`}
        </Text>
      )}
      {error !== null && <ProblemNotice error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone} data-autofocus>
          Cancel
        </Button>
        <Button
          disabled={count.data === undefined || nothing}
          loading={retry.isPending}
          onClick={() => retry.mutate(undefined, { onSuccess: onDone })}
        >
          {count.data === undefined ? 'Retry all' : `Retry all ${countText(count.data)}`}
        </Button>
      </Group>
    </Stack>
  );
}

function kindOf({ status }: DeliveryFilters): string {
  if (status === 'delivered') return 'Deliveries that arrived already, and';
  if (status === 'retrying') return 'Deliveries that wait for a retry, and';
  return status === undefined
    ? 'Deliveries that have failed, wait for a retry or were canceled, and'
    : `${status === 'failed' ? 'Failed' : 'Canceled'} deliveries`;
}

function countText({ count, exact }: { count: number; exact: boolean }): string {
  return `${exact ? '' : 'more than '}${count.toLocaleString('en')}`;
}
