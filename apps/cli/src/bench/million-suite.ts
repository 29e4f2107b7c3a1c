import { setTimeout as delay } from 'node:timers/promises';
import { encodeId, type EventId } from '@signpost/domain';
import { type Backlog, eventIds, writeBacklog } from './backlog-rows';
import { BareLoop } from './bare-loop';
import { type BenchStore, createStore, createWebhook } from './bench-store';
import { type Drain, summarizeDrain } from './drain';
import { fullLoadRate } from './full-load-rate';
import type { HelperProcess } from './helper-process';
import { machineNowMs } from './machine-now-ms';
import { millionFindings } from './million-findings';
import { OrderTemplate } from './order-template';
import type { QueueSize } from './queue-size';
import { peakResidentMb } from './resident-memory';
import type { Receipts, SinkQuestion } from './sink-process';
import type { Stage, Suite } from './suite';

const DELIVERIES = 1_000_000;
/** A short run writes this many deliveries for each second that it measures. */
const SHORT_DELIVERIES_PER_SECOND = 10_000;
/** Requests per second that the webhook allows. */
const RATE_LIMIT = 500;
const HEALTHY = 10;
const DRAIN_MS = 20_000;
/** How long an endpoint that comes back takes for each answer. */
const ANSWER_MS = 20;
const DATA_BYTES = 1_024;
const POLL_MS = 250;
const OPENS_WITHIN_MS = 60_000;
const PROBED_WITHIN_MS = 330_000;

/** A large backlog that is owed to a dead endpoint: what it costs the other webhooks, and what happens when the endpoint comes back. */
export const MILLION: Suite = {
  name: 'million',
  title: 'a million deliveries owed to a dead webhook, and its return',
  expectedLog: /circuit breaker of a webhook opened/,
  async measure(stage) {
    const { system, progress } = stage;
    const healthy: BenchStore[] = [];
    for (let index = 0; index < HEALTHY; index += 1) {
      healthy.push(await createStore(system.operator, `healthy-${index}`, [`${stage.sinkUrl}/healthy/${index}`]));
    }
    const dead = stage.start('sink');
    const backlog = await createBacklog(dead, stage);
    progress('the other webhooks before');
    const yardstick = new BareLoop(stage);
    const before = await fullLoadRate(healthy, yardstick, stage);
    const queueBefore = await system.queueSize();
    progress(`writing ${backlog.deliveries.toLocaleString('en-US')} deliveries to the dead webhook`);
    await writeBacklog(system.sql, backlog);
    await breakerOpens(backlog, stage);
    const queueWith = await system.queueSize();
    progress('the other webhooks beside it');
    const beside = await fullLoadRate(healthy, yardstick, stage);
    progress('the dead webhook comes back');
    const { drain, queueDraining } = await comeBack(dead, backlog, stage);
    const workerMb = await peakResidentMb(system.pids['worker'] ?? 0);
    const queues = { before: queueBefore, with: queueWith, draining: queueDraining };
    return millionFindings(stage.backend, {
      backlog: backlog.deliveries,
      rateLimit: RATE_LIMIT,
      before,
      beside,
      drain,
      queues,
      workerMb,
    });
  },
};

async function createBacklog(dead: HelperProcess, { system, durationMs }: Stage): Promise<Backlog> {
  const url = await dead.ask<string>({ kind: 'open' } satisfies SinkQuestion);
  await dead.ask<undefined>({ kind: 'answer-in', delayMs: ANSWER_MS } satisfies SinkQuestion);
  await dead.ask<undefined>({ kind: 'close' } satisfies SinkQuestion);
  const { key } = await createStore(system.operator, 'dead', []);
  await createWebhook(system.operator, key, `${url}/dead`, RATE_LIMIT);
  const deliveries = durationMs === null ? DELIVERIES : (durationMs / 1_000) * SHORT_DELIVERIES_PER_SECOND;
  const data = new OrderTemplate(DATA_BYTES).data(1);
  return { storeKey: key, deliveries, data, sinceMs: Date.now() - 2_000 };
}

async function breakerOpens({ storeKey }: Backlog, { system, stop }: Stage): Promise<void> {
  await eventually('its breaker did not open', OPENS_WITHIN_MS, stop, async () => {
    const { rows } = await system.sql.query(
      `SELECT FROM gates g JOIN webhooks w ON w.id = g.webhook_id JOIN stores s ON s.id = w.store_id
       WHERE s.key = $1 AND g.open_until IS NOT NULL`,
      [storeKey],
    );
    return rows.length > 0;
  });
}

async function comeBack(
  dead: HelperProcess,
  backlog: Backlog,
  stage: Stage,
): Promise<{ drain: Drain; queueDraining: QueueSize }> {
  const report = (): Promise<Receipts> => dead.ask<Receipts>({ kind: 'report' } satisfies SinkQuestion);
  const untried = await untriedIds(backlog, stage);
  await dead.ask<string>({ kind: 'open' } satisfies SinkQuestion);
  await eventually('it was not tried again', PROBED_WITHIN_MS, stage.stop, async () => (await report()).ids.length > 0);
  await delay(stage.durationMs ?? DRAIN_MS, undefined, { signal: stage.stop });
  const queueDraining = await stage.system.queueSize();
  const receipts = await report();
  return { drain: summarizeDrain(receipts, new Map(untried.map((id, place) => [id, place]))), queueDraining };
}

/** The events of the backlog by age, without the few that were tried while the endpoint was dead: those wait for their retry. */
async function untriedIds(backlog: Backlog, { system }: Stage): Promise<string[]> {
  const { rows } = await system.sql.query<{ event_id: EventId }>(
    `SELECT d.event_id FROM deliveries d JOIN stores s ON s.id = d.store_id WHERE s.key = $1 AND d.attempts_made > 0`,
    [backlog.storeKey],
  );
  const tried = new Set(rows.map(({ event_id }) => encodeId('event', event_id)));
  return eventIds(backlog).filter((id) => !tried.has(id));
}

async function eventually(
  otherwise: string,
  withinMs: number,
  stop: AbortSignal,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const untilMs = machineNowMs() + withinMs;
  while (!(await isSo())) {
    if (machineNowMs() > untilMs) throw new Error(`The dead webhook: ${otherwise} within ${withinMs / 1_000} s.`);
    await delay(POLL_MS, undefined, { signal: stop });
  }
}
