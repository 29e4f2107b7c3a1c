import { Badge, Button, Code, Group } from '@mantine/core';
import { Link, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { deliveriesQuery, type DeliveryFilters } from '../../api/deliveries';
import { readDeliverySearch } from '../../routes/log-search';
import { useStore } from '../../session/use-me';
import { EmptyState } from '../../ui/empty-state';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { Pager } from '../../ui/pager';
import { ProblemNotice } from '../../ui/problem-notice';
import { usePageOfLog } from '../../ui/use-page-of-log';
import { DeliveriesTable } from './deliveries-table';
import { DeliveryFilterBar } from './delivery-filter-bar';
import { RecentRecoveries } from './recent-recoveries';
import { RetryMatching } from './retry-matching';
import { type LiveState, useLiveDeliveries } from './use-live-deliveries';
import { withHeard } from './with-heard';

const ROUTE = '/signed-in/store/$store/deliveries';
const AGAIN_MS = 10_000;

/** The log of deliveries: what is owed to which webhook, and what has become of it. */
export function DeliveriesPage() {
  const { key: store, manages } = useStore();
  const { live = false, ...filters } = useSearch({ from: ROUTE, select: readDeliverySearch });
  const navigate = useNavigate({ from: '/store/$store/deliveries' });
  const log = usePageOfLog((cursor) => ({
    ...deliveriesQuery(store, filters, cursor),
    // The live tail does not report changes that came without an attempt, such as that a delivery was canceled.
    ...(live && { refetchInterval: AGAIN_MS }),
  }));
  const { state, heard } = useLiveDeliveries(store, filters, live);
  const rows = log.rows && withHeard({ rows: log.rows, askedAtMs: log.askedAtMs, isNewest: log.number === 1 }, heard);
  const show = (next: DeliveryFilters, isLive = live) =>
    void navigate({
      to: '/store/$store/deliveries',
      search: { ...next, ...(isLive && { live: true }) },
      state: true,
      replace: true,
      resetScroll: false,
    });
  const filterBar = <DeliveryFilterBar store={store} filters={filters} onChange={(next) => show(next)} />;
  return (
    <Page
      title="Deliveries"
      description="Each event that is owed to a webhook, with every attempt that was made."
      actions={
        <>
          {manages && <RetryMatching store={store} filters={filters} />}
          <LiveSwitch state={state} onSwitch={(on) => show(filters, on)} />
        </>
      }
    >
      <RecentRecoveries store={store} />
      {log.error !== null && <ProblemNotice error={log.error} onRetry={log.retry} />}
      {log.error !== null && log.rows === undefined ? (
        // The filters stay on the page: one of them may be the reason, and can be removed.
        <Group gap="sm">{filterBar}</Group>
      ) : (
        <>
          <DeliveriesTable
            store={store}
            rows={rows}
            filters={filterBar}
            isPart={Object.keys(filters).length > 0 || log.number > 1}
            empty={<NoDeliveries store={store} />}
          />
          <Pager log={log} />
        </>
      )}
      <Outlet />
    </Page>
  );
}

/** Switches the live tail on, and pauses it. */
function LiveSwitch({ state, onSwitch }: { state: LiveState; onSwitch: (on: boolean) => void }) {
  return (
    <>
      <span role="status">
        {state !== 'off' && (
          <Badge color={state === 'live' ? 'teal' : 'gray'} size="lg" leftSection={<Icon name="activity" size={14} />}>
            {state === 'live' ? 'Live' : 'Connecting…'}
          </Badge>
        )}
      </span>
      <Button
        variant="default"
        leftSection={<Icon name={state === 'off' ? 'player-play' : 'player-pause'} size={16} />}
        onClick={() => onSwitch(state === 'off')}
      >
        {state === 'off' ? 'Watch live' : 'Pause'}
      </Button>
    </>
  );
}

function NoDeliveries({ store }: { store: string }) {
  return (
    <EmptyState
      icon="send"
      title="No deliveries yet"
      action={
        <Button renderRoot={(props) => <Link to="/store/$store" params={{ store }} {...props} />}>
          See what is to be done
        </Button>
      }
    >
      As soon as an event such as <Code>order.create</Code> is published, and a webhook is subscribed to it, its
      delivery is here.
    </EmptyState>
  );
}
