import { Anchor, SimpleGrid, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Stats } from '../../api/stats';
import type { Recent } from '../../api/time-range';
import type { Series } from '../../ui/charts/series';
import { TimeChart } from '../../ui/charts/time-chart';
import { ShareBars } from '../../ui/charts/share-bars';
import { durationText } from '../../ui/duration-text';
import { type Figure, FigureTiles } from '../../ui/figure-tiles';
import { Panel } from '../../ui/panel';
import { ERROR_CODES } from '../deliveries/attempt-outcome';
import { WorstWebhooks } from './worst-webhooks';

interface StoreChartsProps {
  readonly store: string;
  readonly recent: Recent;
  readonly stats: Stats;
}

const GREEN = 'var(--mantine-color-teal-6)';
const RED = 'var(--mantine-color-red-6)';
const BLUE = 'var(--mantine-color-signpost-5)';

/** A store's figures and charts. */
export function StoreCharts({ store, recent, stats }: StoreChartsProps) {
  const { buckets, bucketSeconds } = stats;
  const times = buckets.map(({ at }) => at);
  const outcomes: Series[] = [
    { name: 'Delivered', color: GREEN, values: buckets.map(({ delivered }) => delivered) },
    { name: 'Failed', color: RED, values: buckets.map(({ failed }) => failed), pattern: 'second' },
  ];
  const durations: Series[] = [
    { name: 'Half are faster than', color: BLUE, values: buckets.map(({ p50Ms }) => p50Ms) },
    { name: '95 % are faster than', color: BLUE, values: buckets.map(({ p95Ms }) => p95Ms), pattern: 'second' },
  ];
  return (
    <Stack gap="lg">
      <FigureTiles label="Totals" figures={figuresOf(stats)} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Panel title="Deliveries by outcome">
          <TimeChart
            label="Deliveries by outcome"
            kind="bars"
            {...{ times, bucketSeconds, series: outcomes, format: countText }}
            summary={({ values }) => countText(values.reduce<number>((sum, value) => sum + (value ?? 0), 0))}
          />
        </Panel>
        <Panel title="Time to answer">
          <TimeChart
            label="Time to answer"
            kind="lines"
            {...{ times, bucketSeconds, series: durations, format: durationText }}
            summary={({ values }) => {
              const last = values.findLast((value) => value !== null);
              return last === undefined ? '–' : durationText(last);
            }}
          />
        </Panel>
        <Panel title="Why attempts failed">
          <ShareBars
            label="Errors of attempts"
            none="No attempt failed."
            shares={stats.errorCodes.map(({ code, count }) => ({
              key: code,
              name: <ErrorLink {...{ store, recent, code }} />,
              count,
            }))}
          />
        </Panel>
        <WorstWebhooks store={store} recent={recent} webhooks={stats.webhooks} />
      </SimpleGrid>
    </Stack>
  );
}

function figuresOf({ totals }: Stats): readonly Figure[] {
  const { accepted, delivered, failed, waiting, held, backlogExact, attempts, failedAttempts } = totals;
  const backlog = `${countText(waiting)}${backlogExact ? '' : ' +'}`;
  return [
    { name: 'Accepted', value: countText(accepted ?? 0), note: 'events', icon: 'inbox' },
    { name: 'Delivered', value: countText(delivered), note: rateText(attempts, failedAttempts), icon: 'circle-check' },
    { name: 'Failed', value: countText(failed), note: 'given up', icon: 'circle-x', alarming: failed > 0 },
    { name: 'Waiting', value: backlog, note: held > 0 ? `and ${countText(held)} held` : 'now', icon: 'clock' },
  ];
}

function rateText(attempts: number, failedAttempts: number): string {
  if (attempts === 0) return 'no attempts';
  return `${Math.floor(((attempts - failedAttempts) / attempts) * 1_000) / 10} % of attempts`;
}

function ErrorLink({ store, recent, code }: { store: string; recent: Recent; code: string }) {
  return (
    <Anchor
      inherit
      c="var(--mantine-color-text)"
      renderRoot={(props) => (
        <Link to="/store/$store/deliveries" params={{ store }} search={{ errorCode: code, recent }} {...props} />
      )}
    >
      {ERROR_CODES[code] ?? code}
    </Anchor>
  );
}

function countText(count: number): string {
  return count.toLocaleString('en', { maximumFractionDigits: 1 });
}
