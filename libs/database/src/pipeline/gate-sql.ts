import type { WebhookId } from '@signpost/domain';
import type { DueWebhook } from '@signpost/delivery';
import { msUntil } from '../sql/time-sql';

/** Due times of gates lie on this grid, so that deliveries due within a moment of each other share one wake. */
const GRID = `interval '250 milliseconds'`;

/** The first moment of the grid at or after a time. */
export function onGrid(time: string): string {
  return `date_bin(${GRID}, (${time}) + ${GRID} - interval '1 microsecond', timestamptz 'epoch')`;
}

/**
 * Common table expressions that move the gates of webhooks forward to `now + delay`, where they are not due earlier already.
 * `moved_gates(webhook_id, delay_ms)` has those that moved: each of them needs one wake. Gates are locked in the order of their
 * ids, so that two workers never wait for each other. What is compared is the row as it was locked: the statement's own snapshot
 * may be older than a claim that it waited for, and that has just found nothing due and closed the gate.
 *
 * @param arrays.heedBreakers - whether a gate whose breaker is open stays shut until it may be probed: the caller need not know of it
 */
export function moveGates(arrays: {
  webhookIds: string;
  delaysMs: string;
  onlyIf: string;
  heedBreakers?: boolean;
}): string {
  const earliest = `now() + greatest(a.delay_ms, 0) * interval '1 millisecond'`;
  const wanted = arrays.heedBreakers === true ? `greatest(${earliest}, l.open_until)` : earliest;
  return `
asked_gates AS (
  SELECT webhook_id, min(delay_ms) AS delay_ms FROM unnest(${arrays.webhookIds}, ${arrays.delaysMs}) AS a(webhook_id, delay_ms)
  GROUP BY webhook_id
), locked_gates AS (
  SELECT g.webhook_id, g.due_at, g.open_until FROM gates g WHERE g.webhook_id IN (SELECT webhook_id FROM asked_gates) AND ${arrays.onlyIf}
  ORDER BY g.webhook_id FOR UPDATE
), wanted_gates AS (
  SELECT l.webhook_id, l.due_at AS present,
         CASE WHEN ${wanted} <= now() THEN now() ELSE ${onGrid(wanted)} END AS due_at
  FROM asked_gates a JOIN locked_gates l USING (webhook_id)
), moved_gates AS (
  UPDATE gates g SET due_at = w.due_at FROM wanted_gates w
  WHERE g.webhook_id = w.webhook_id AND (w.present IS NULL OR w.present > w.due_at)
  RETURNING g.webhook_id, ${msUntil('g.due_at')} AS delay_ms
)`;
}

/** A row of `moved_gates`; a null webhook only says that the statement took effect. */
export interface MovedGateRow {
  webhook_id: WebhookId | null;
  delay_ms: number | null;
}

/** Reads the gates that moved. */
export function movedGates(rows: readonly MovedGateRow[]): DueWebhook[] {
  return rows.flatMap(({ webhook_id, delay_ms }) =>
    webhook_id === null ? [] : [{ webhookId: webhook_id, delayMs: Math.max(0, Math.ceil(delay_ms ?? 0)) }],
  );
}
