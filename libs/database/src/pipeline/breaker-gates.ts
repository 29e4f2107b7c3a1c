import { afterFailure, type BreakerPolicy, type BreakerState, CLOSED_BREAKER, type WebhookId } from '@signpost/domain';
import type { Settlement } from '@signpost/delivery';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { epochMs } from '../sql/time-sql';

const LOCK_GATES: Statement = {
  name: 'lock_gates',
  text: `
SELECT webhook_id, failures, openings, ${epochMs('open_until')} AS open_until_ms,
       ${epochMs('failing_since')} AS failing_since_ms,
       ${epochMs('now()')} AS now_ms
FROM gates WHERE webhook_id = ANY ($1::uuid[] || $2::uuid[]) AND (webhook_id = ANY ($1::uuid[]) OR failures > 0)
ORDER BY webhook_id FOR UPDATE`,
};

/** A probe that has failed opens the breaker once more, and is no probe any longer: a retry of it by hand may get lost like any other. */
const STORE_GATES: Statement = {
  name: 'store_gates',
  text: `
UPDATE gates g
SET failures = c.failures, openings = c.openings, open_until = to_timestamp(c.open_until_ms / 1000),
    probe_id = CASE WHEN c.openings = g.openings THEN g.probe_id END,
    failing_since = CASE WHEN c.failures = 0 THEN NULL WHEN c.succeeded THEN now() ELSE coalesce(g.failing_since, now()) END,
    due_at = CASE WHEN c.open_until_ms IS NOT NULL AND g.due_at IS NOT NULL
                  THEN greatest(g.due_at, to_timestamp(c.open_until_ms / 1000)) ELSE g.due_at END
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::float8[], $5::boolean[]) AS c(webhook_id, failures, openings, open_until_ms, succeeded)
WHERE g.webhook_id = c.webhook_id`,
};

/** Also closes a breaker that another worker has opened again meanwhile: that was before the success was on disk. */
const CLOSE_BREAKERS: Statement = {
  name: 'close_breakers',
  text: `
WITH open AS (
  SELECT webhook_id, failing_since FROM gates WHERE webhook_id = ANY ($1::uuid[]) AND open_until IS NOT NULL
  ORDER BY webhook_id FOR UPDATE
), closed AS (
  UPDATE gates g SET failures = 0, openings = 0, open_until = NULL, failing_since = NULL, due_at = now()
  FROM open o WHERE g.webhook_id = o.webhook_id
  RETURNING g.webhook_id
)
SELECT webhook_id, ${epochMs('o.failing_since')} AS failing_since_ms,
       ${epochMs('now()')} AS now_ms
FROM open o JOIN closed USING (webhook_id)`,
};

interface GateRow {
  webhook_id: WebhookId;
  failures: number;
  openings: number;
  open_until_ms: number | null;
  failing_since_ms: number | null;
  now_ms: number;
}

/** A breaker that was open and has closed. Times are milliseconds since 1970, by PostgreSQL's clock. */
export interface ClosedBreaker {
  readonly webhookId: WebhookId;
  /** Since when the webhook had been failing. */
  readonly failingSinceMs: number | null;
  readonly nowMs: number;
}

/** What a group of results did to the breaker of one webhook. */
export interface GateChange extends ClosedBreaker {
  readonly state: BreakerState;
  /** How long the breaker stays open from now on; 0 when it is not open. */
  readonly openForMs: number;
  /** Whether one of the results delivered. */
  readonly succeeded: boolean;
  /** Whether the breaker was open and has closed. */
  readonly closed: boolean;
  /**
   * Whether its probe was settled without an attempt, so that another probe has to follow at once. Not when the probe was held: then the
   * next one waits a while.
   */
  readonly probeUnsent: boolean;
}

/** Breakers under the lock of their rows. */
export interface LockedGates {
  /** Runs the results of each failing webhook through its breaker, in their order. */
  apply(settlements: readonly Settlement[], policy: BreakerPolicy): GateChange[];
  /** The healthy webhooks that have failures to forget. */
  readonly recovering: readonly WebhookId[];
}

/**
 * Locks the gates of failing webhooks, and those of healthy ones that have failures to forget, until the transaction ends. All at
 * once, in the order of their ids: two workers that record for the same webhooks never wait for each other in a circle.
 */
export async function lockGates(
  runner: SqlRunner,
  failing: readonly WebhookId[],
  healthy: readonly WebhookId[],
): Promise<LockedGates> {
  const rows = await runner.run<GateRow>(LOCK_GATES, [failing, healthy]);
  const failingIds = new Set(failing);
  return {
    apply: (settlements, policy) =>
      rows.filter((row) => failingIds.has(row.webhook_id)).map((row) => changeOf(row, settlements, policy)),
    recovering: rows.map((row) => row.webhook_id).filter((id) => !failingIds.has(id)),
  };
}

/** Stores the new states of breakers. */
export async function storeGates(runner: SqlRunner, changes: readonly GateChange[]): Promise<void> {
  await runner.run(STORE_GATES, [
    changes.map(({ webhookId }) => webhookId),
    changes.map(({ state }) => state.failures),
    changes.map(({ state }) => state.openings),
    changes.map(({ state }) => state.openUntilMs),
    changes.map(({ succeeded }) => succeeded),
  ]);
}

/** Closes the breakers of webhooks that delivered, and makes these webhooks due. @returns the breakers that were open */
export async function closeBreakers(runner: SqlRunner, webhookIds: readonly WebhookId[]): Promise<ClosedBreaker[]> {
  if (webhookIds.length === 0) return [];
  const rows = await runner.run<Pick<GateRow, 'webhook_id' | 'failing_since_ms' | 'now_ms'>>(CLOSE_BREAKERS, [
    webhookIds,
  ]);
  return rows.map((row) => ({
    webhookId: row.webhook_id,
    failingSinceMs: row.failing_since_ms,
    nowMs: row.now_ms,
  }));
}

function changeOf(row: GateRow, settlements: readonly Settlement[], policy: BreakerPolicy): GateChange {
  const before: BreakerState = { failures: row.failures, openings: row.openings, openUntilMs: row.open_until_ms };
  let state = before;
  let succeeded = false;
  let probeUnsent = false;
  for (const { delivery, attempt, next } of settlements) {
    if (delivery.webhookId !== row.webhook_id) continue;
    // The claim of a probe prolonged the opening, to keep other claims out. The result of the probe is judged as if the opening ended now.
    if (delivery.probe && state.openUntilMs !== null) state = { ...state, openUntilMs: row.now_ms };
    if (attempt === null) {
      probeUnsent ||= delivery.probe && next.kind !== 'held';
      continue;
    }
    if (next.kind === 'delivered') succeeded = true;
    state = next.kind === 'delivered' ? CLOSED_BREAKER : afterFailure(state, row.now_ms, policy);
  }
  return {
    webhookId: row.webhook_id,
    failingSinceMs: row.failing_since_ms,
    nowMs: row.now_ms,
    state,
    succeeded,
    openForMs: state.openUntilMs === null ? 0 : Math.max(0, Math.ceil(state.openUntilMs - row.now_ms)),
    closed: before.openUntilMs !== null && state.openUntilMs === null,
    probeUnsent,
  };
}
