import { KEY_IS_ACTIVE, type SqlClient } from '@signpost/database';
import type { DeliveryWorker } from '@signpost/delivery';
import type { BullJobQueue } from '@signpost/queue';
import { Gauge, type Registry } from 'prom-client';

/** The backlog of all workers together. It is read each time the metrics are asked for, by a caller who does not wait for long. */
const BACKLOG = {
  name: 'backlog_metrics',
  answerMsMax: 2_000,
  text: `
SELECT coalesce(extract(epoch FROM now() - (SELECT min(due_at) FROM gates WHERE due_at < now())), 0)::float8 AS oldest_due_seconds,
       (SELECT count(*) FROM outbox)::int AS batches,
       (SELECT count(*) FROM gates g JOIN webhooks w ON w.id = g.webhook_id
        WHERE g.open_until IS NOT NULL AND w.enabled AND w.deleted_at IS NULL)::int AS open,
       (SELECT count(*) FROM webhooks w LEFT JOIN api_keys k ON k.id = w.api_key_id
        WHERE w.deleted_at IS NULL AND w.enabled AND NOT ${KEY_IS_ACTIVE})::int AS held`,
};

interface BacklogRow {
  oldest_due_seconds: number;
  batches: number;
  open: number;
  held: number;
}

/** What the gauges are read from. */
export interface LoadSources {
  readonly worker: DeliveryWorker;
  readonly sql: SqlClient;
  readonly queue: BullJobQueue;
}

/**
 * Registers gauges for what waits in this worker, in PostgreSQL and in the queue. While one of these is away, its gauges keep their values.
 */
export function registerLoadMetrics(metrics: Registry, sources: LoadSources): void {
  registerOwnLoad(metrics, sources.worker);
  registerBacklog(metrics, sources.sql);
  registerJobs(metrics, sources.queue);
}

function registerOwnLoad(metrics: Registry, worker: DeliveryWorker): void {
  const registers = [metrics];
  const inFlight = new Gauge({
    name: 'signpost_requests_in_flight',
    help: 'Requests in flight from this worker.',
    registers,
  });
  const held = new Gauge({
    name: 'signpost_deliveries_in_memory',
    help: 'Deliveries waiting in lanes of this worker.',
    registers,
  });
  const unrecorded = new Gauge({
    name: 'signpost_results_unrecorded',
    help: 'Results this worker has yet to record.',
    registers,
  });
  new Gauge({
    name: 'signpost_lanes',
    help: 'Webhooks with a lane in this worker, by how their last attempts went.',
    labelNames: ['state'],
    registers,
    collect(): void {
      const load = worker.load;
      for (const [state, count] of Object.entries(load.lanes)) this.set({ state }, count);
      inFlight.set(load.inFlight);
      held.set(load.held);
      unrecorded.set(load.unrecorded);
    },
  });
}

function registerBacklog(metrics: Registry, sql: SqlClient): void {
  const registers = [metrics];
  const oldestDue = new Gauge({
    name: 'signpost_oldest_due_delivery_seconds',
    help: 'How long the longest overdue webhook has been due, over all workers.',
    registers,
  });
  const webhooks = new Gauge({
    name: 'signpost_webhooks_waiting',
    help: 'Webhooks whose deliveries wait as a whole, over all workers: breaker open, or held for want of a key.',
    labelNames: ['state'],
    registers,
  });
  new Gauge({
    name: 'signpost_batches_waiting',
    help: 'Batches waiting for their fan-out, over all workers.',
    registers,
    async collect(): Promise<void> {
      const [row] = await sql.run<BacklogRow & Record<string, unknown>>(BACKLOG, []).catch(() => []);
      if (row === undefined) return;
      this.set(row.batches);
      oldestDue.set(row.oldest_due_seconds);
      webhooks.set({ state: 'open' }, row.open);
      webhooks.set({ state: 'held' }, row.held);
    },
  });
}

function registerJobs(metrics: Registry, queue: BullJobQueue): void {
  new Gauge({
    name: 'signpost_jobs',
    help: 'Jobs by queue and state.',
    labelNames: ['queue', 'state'],
    registers: [metrics],
    async collect(): Promise<void> {
      const counts = await queue.counts().catch(() => null);
      for (const [name, { waiting, active, delayed }] of Object.entries(counts ?? {})) {
        this.set({ queue: name, state: 'waiting' }, waiting);
        this.set({ queue: name, state: 'active' }, active);
        this.set({ queue: name, state: 'delayed' }, delayed);
      }
    },
  });
}
