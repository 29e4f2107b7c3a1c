import { DAY_MS } from '@signpost/database';
import type { OperatorApi } from '../operator-api';
import { BareLoop } from './bare-loop';
import { type BenchStore, createStore } from './bench-store';
import { fullLoadRate } from './full-load-rate';
import { logFindings, type QueryResult } from './log-findings';
import { fillLog } from './log-rows';
import { machineNowMs } from './machine-now-ms';
import { OrderTemplate } from './order-template';
import type { Stage, Suite } from './suite';

const DELIVERIES = 10_000_000;
/** A short run has this many deliveries in the log for each second that it measures. */
const SHORT_DELIVERIES_PER_SECOND = 20_000;
const LARGE = 'log-large';
const LARGE_WEBHOOKS = 20;
const SMALL_STORES = 20;
const PUBLISHERS = 10;
const DATA_BYTES = 512;
const REPEATS = 50;
const SHORT_REPEATS = 5;
/** Nobody listens there, and nothing is sent there: the rows are in the log already. */
const NOWHERE = 'https://example.com/hook';

/** A request that reads the log, each time at another place. */
interface LogQuery {
  readonly title: string;
  readonly path: (place: Place) => string;
}

interface Place {
  readonly eventId: string;
  readonly deliveryId: string;
  readonly webhookId: string;
  /** A time in the log, ISO 8601. */
  readonly time: string;
  /** The cursor of a page somewhere in the middle. */
  readonly cursor: string;
}

const deliveries = (filters: (place: Place) => string) => (place: Place) =>
  `/api/v1/stores/${LARGE}/deliveries?limit=50&${filters(place)}`;
const inStore = (path: (place: Place) => string) => (place: Place) => `/api/v1/stores/${LARGE}/${path(place)}`;
const monthBefore = (time: string): string => new Date(Date.parse(time) - 30 * DAY_MS).toISOString();

const QUERIES: readonly LogQuery[] = [
  { title: 'deliveries: newest', path: deliveries(() => '') },
  { title: 'deliveries: a later page', path: deliveries(({ cursor }) => `cursor=${cursor}`) },
  { title: 'deliveries: before a time', path: deliveries(({ time }) => `until=${time}`) },
  { title: 'deliveries: of a webhook', path: deliveries(({ webhookId }) => `webhookId=${webhookId}`) },
  { title: 'deliveries: of an event', path: deliveries(({ eventId }) => `eventId=${eventId}`) },
  { title: 'deliveries: of a type', path: deliveries(() => 'eventType=order.create') },
  { title: 'deliveries: of a type that there is none of', path: deliveries(() => 'eventType=product.update') },
  { title: 'deliveries: delivered', path: deliveries(() => 'status=delivered') },
  { title: 'deliveries: failed', path: deliveries(({ time }) => `status=failed&until=${time}`) },
  { title: 'deliveries: to be retried', path: deliveries(() => 'status=retrying') },
  { title: 'deliveries: queued, of which there are none', path: deliveries(() => 'status=queued') },
  { title: 'deliveries: answered 200', path: deliveries(({ time }) => `statusCode=200&until=${time}`) },
  { title: 'deliveries: answered 404', path: deliveries(({ time }) => `statusCode=404&until=${time}`) },
  {
    title: 'deliveries: with an error code',
    path: deliveries(({ time }) => `errorCode=headers_timeout&until=${time}`),
  },
  {
    title: 'deliveries: failed, of a webhook',
    path: deliveries(({ webhookId }) => `status=failed&webhookId=${webhookId}`),
  },
  {
    title: 'deliveries: failed, of a webhook, with a code, before a time',
    path: deliveries(({ webhookId, time }) => `status=failed&statusCode=500&webhookId=${webhookId}&until=${time}`),
  },
  { title: 'deliveries: how many have failed', path: inStore(() => 'deliveries/count?status=failed') },
  { title: 'deliveries: how many there are', path: inStore(() => 'deliveries/count') },
  { title: 'delivery, with its attempts', path: inStore(({ deliveryId }) => `deliveries/${deliveryId}`) },
  { title: 'events: newest', path: inStore(() => 'events?limit=50') },
  {
    title: 'events: of a type, before a time',
    path: inStore(({ time }) => `events?limit=50&type=order.create&until=${time}`),
  },
  { title: 'event, with its deliveries', path: inStore(({ eventId }) => `events/${eventId}`) },
  { title: 'statistics: a day', path: inStore(({ time }) => `stats?until=${time}`) },
  { title: 'statistics: a month', path: inStore(() => `stats?since=${monthBefore(new Date().toISOString())}`) },
  { title: 'statistics: a week of a webhook', path: inStore(({ webhookId }) => `stats?webhookId=${webhookId}`) },
  { title: 'webhooks', path: inStore(() => 'webhooks?limit=100') },
  { title: 'API keys', path: inStore(() => 'api-keys?limit=100') },
  { title: 'audit log of the store', path: inStore(() => 'audit-log?limit=50') },
  { title: 'audit log of all', path: () => '/api/v1/audit-log?limit=50' },
  { title: 'stores', path: () => '/api/v1/stores?limit=100' },
  { title: 'system', path: () => '/api/v1/system' },
];

/** A large log: how long its readers wait, for each page of the dashboard, and what it costs publishers. */
export const LOG: Suite = {
  name: 'log',
  title: 'ten million deliveries in the log: what reading it takes, and publishing beside it',
  async measure(stage) {
    const { system, progress, durationMs } = stage;
    const publishers: BenchStore[] = [];
    for (let index = 0; index < PUBLISHERS; index += 1) {
      publishers.push(await createStore(system.operator, `publisher-${index}`, [`${stage.sinkUrl}/${index}`]));
    }
    const storeKeys = await createLogStores(system.operator);
    progress('publishing beside an empty log');
    const yardstick = new BareLoop(stage);
    const before = await fullLoadRate(publishers, yardstick, stage);
    const count = durationMs === null ? DELIVERIES : (durationMs / 1_000) * SHORT_DELIVERIES_PER_SECOND;
    const data = new OrderTemplate(DATA_BYTES).data(1);
    await fillLog(system.sql, system.databaseUrl, { storeKeys, deliveries: count, data, nowMs: Date.now() }, (made) => {
      stage.stop.throwIfAborted();
      if (made % 1_000_000 === 0 || made === count) progress(`${made.toLocaleString('en-US')} deliveries written`);
    });
    progress('reading');
    const queries = await readAll(stage);
    progress('publishing beside a full log');
    const beside = await fullLoadRate(publishers, yardstick, stage);
    return logFindings(stage.backend, { deliveries: count, queries, before, beside });
  },
};

async function createLogStores(operator: OperatorApi): Promise<string[]> {
  const keys = [LARGE, ...Array.from({ length: SMALL_STORES }, (_, index) => `log-${index}`)];
  for (const key of keys) {
    const webhooks = key === LARGE ? LARGE_WEBHOOKS : 1;
    await createStore(
      operator,
      key,
      Array.from({ length: webhooks }, (_, index) => `${NOWHERE}/${index}`),
    );
  }
  return keys;
}

async function readAll({ system, durationMs, stop }: Stage): Promise<QueryResult[]> {
  const repeats = durationMs === null ? REPEATS : SHORT_REPEATS;
  const places = await findPlaces(system.operator, repeats);
  const results: QueryResult[] = [];
  for (const { title, path } of QUERIES) {
    const timesMs: number[] = [];
    for (const place of places) {
      stop.throwIfAborted();
      const beganMs = machineNowMs();
      await system.operator.get(path(place));
      timesMs.push(machineNowMs() - beganMs);
    }
    results.push({ title, timesMs });
  }
  return results;
}

/** Finds places spread evenly over the log. */
async function findPlaces(operator: OperatorApi, count: number): Promise<Place[]> {
  const places: Place[] = [];
  for (let index = 0; index < count; index += 1) {
    const time = new Date(Date.now() - ((index + 0.5) / count) * 28 * DAY_MS).toISOString();
    const { data, nextCursor } = await operator.get<Page>(
      `/api/v1/stores/${LARGE}/deliveries?limit=1&until=${encodeURIComponent(time)}`,
    );
    const [delivery] = data;
    if (delivery === undefined || nextCursor === null) throw new Error(`There is nothing in the log before ${time}.`);
    const { id: deliveryId, eventId, webhookId } = delivery;
    places.push({ deliveryId, eventId, webhookId, time, cursor: nextCursor });
  }
  return places;
}

interface Page {
  readonly data: readonly { readonly id: string; readonly eventId: string; readonly webhookId: string }[];
  readonly nextCursor: string | null;
}
