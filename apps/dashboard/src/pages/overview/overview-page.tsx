import { SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { statsQuery } from '../../api/stats';
import type { Recent } from '../../api/time-range';
import { readOverviewSearch } from '../../routes/log-search';
import { useStore } from '../../session/use-me';
import { Page } from '../../ui/page';
import { ProblemNotice } from '../../ui/problem-notice';
import { FirstSteps } from './first-steps';
import { StoreCharts } from './store-charts';

const SPANS: { value: Recent; label: string }[] = [
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
];

/** How a store's deliveries fare; before there are any, how to get to the first. */
export function OverviewPage() {
  const { key: store, name } = useStore();
  const { recent = '24h' } = useSearch({ from: '/signed-in/store/$store/', select: readOverviewSearch });
  const navigate = useNavigate();
  const stats = useQuery(statsQuery(store, recent));
  const show = (next: Recent) =>
    void navigate({ to: '/store/$store', params: { store }, search: { recent: next }, replace: true });
  return (
    <Page
      title={name}
      actions={<SegmentedControl aria-label="Time" data={SPANS} value={recent} onChange={show} />}
      description="What was accepted, what arrived, and what is still on its way."
    >
      <FirstSteps store={store} />
      {stats.isPending && <Skeleton height={320} radius="lg" />}
      {stats.isError && <ProblemNotice error={stats.error} onRetry={() => void stats.refetch()} />}
      {stats.data !== undefined && <StoreCharts store={store} recent={recent} stats={stats.data} />}
    </Page>
  );
}
