import { setTimeout as delay } from 'node:timers/promises';
import type { HelperProcess } from './helper-process';
import type { LoadResult } from './load-process';
import { machineNowMs } from './machine-now-ms';
import type { Receipts, SinkQuestion } from './sink-process';

/** What a sink received of what was published. */
export interface ReceivedOf {
  /** From the 202 to the first receipt. A receipt may come before the publisher has read its 202: then it is negative. */
  readonly acceptedToReceivedMs: readonly number[];
  readonly missing: number;
  readonly duplicates: number;
  /** When the last one came, on the machine's clock. */
  readonly lastAtMs: number;
}

const POLL_MS = 250;
/** How long a backlog may take after the load has ended. */
const PATIENCE_MS = 120_000;

/** Waits until every event has been received as often as it has webhooks, or patience ends, and tells how long the events took. */
export async function receiptsOf(
  published: LoadResult,
  sink: HelperProcess,
  stop: AbortSignal,
  webhooks = 1,
): Promise<ReceivedOf> {
  const patientUntilMs = machineNowMs() + PATIENCE_MS;
  const acceptedAtMs = new Map(published.ids.map((id, index) => [id, published.acceptedAtMs[index] ?? 0]));
  for (;;) {
    const receipts = await sink.ask<Receipts>({ kind: 'report' } satisfies SinkQuestion);
    const received = compare(acceptedAtMs, receipts, webhooks);
    if (received.missing === 0 || machineNowMs() > patientUntilMs) return received;
    await delay(POLL_MS, undefined, { signal: stop });
  }
}

function compare(acceptedAtMs: ReadonlyMap<string, number>, { ids, atMs }: Receipts, webhooks: number): ReceivedOf {
  const seen = new Map<string, number>();
  let missing = acceptedAtMs.size * webhooks;
  const acceptedToReceivedMs: number[] = [];
  let duplicates = 0;
  let lastAtMs = 0;
  ids.forEach((id, index) => {
    const accepted = acceptedAtMs.get(id);
    // An event of an earlier load, which came late.
    if (accepted === undefined) return;
    const times = seen.get(id) ?? 0;
    if (times === 0) acceptedToReceivedMs.push((atMs[index] ?? 0) - accepted);
    if (times < webhooks) missing -= 1;
    else duplicates += 1;
    seen.set(id, times + 1);
    lastAtMs = atMs[index] ?? lastAtMs;
  });
  return { acceptedToReceivedMs, missing, duplicates, lastAtMs };
}
