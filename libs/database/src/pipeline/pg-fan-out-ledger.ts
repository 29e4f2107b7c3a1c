import type { BatchId, EventId, StoreId, SubscribableEventType, WebhookId } from '@signpost/domain';
import type { CommittedStep, DueWebhook, FanOutLedger, FanOutStep, OpenBatch } from '@signpost/delivery';
import type { SqlClient, Statement } from '../sql/sql-client';
import { epochMs } from '../sql/time-sql';
import { type EventColumns, storedEvent } from './event-row';
import { COMMIT_STEP, COMMIT_STEP_APART, stepInput } from './fan-out-statement';
import { type MovedGateRow, movedGates } from './gate-sql';
import { lapsedWorker } from './lapsed-worker';

const OPEN_BATCH: Statement = {
  name: 'open_batch',
  text: `
WITH asked AS MATERIALIZED (
  SELECT o.event_type AS batch_type, o.bulk, o.position, o.after_webhook, cardinality(o.event_ids) AS size, u.id, u.place
  FROM outbox o LEFT JOIN LATERAL unnest(o.event_ids[o.position + 1 : o.position + $2]) WITH ORDINALITY AS u(id, place) ON true
  WHERE o.batch_id = $1
), step AS (
  SELECT a.batch_type, a.bulk, a.position, a.after_webhook, a.size, a.place,
         e.id AS event_id, e.store_id, e.type, ${epochMs('e.occurred_at')} AS occurred_at_ms, e.data, st.version,
         coalesce(sum(octet_length(e.data)) OVER (ORDER BY a.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
  FROM asked a
  LEFT JOIN events e ON e.id = a.id AND e.id = ANY (ARRAY(SELECT id FROM asked))
  LEFT JOIN stores st ON st.id = e.store_id
)
SELECT batch_type, bulk, position, after_webhook, size, event_id, store_id, type, occurred_at_ms, data, version
FROM step WHERE bytes_before < $3 ORDER BY place`,
};

/** A step reads no further event once the data of the events that it reads have this many bytes. */
const STEP_BYTES_MAX = 1024 * 1024;

interface OpenBatchRow extends Omit<EventColumns, 'event_id'> {
  batch_type: SubscribableEventType;
  bulk: boolean;
  position: number;
  after_webhook: WebhookId | null;
  size: number;
  /** Null when the event is gone; the other columns of it are then null too. */
  event_id: EventId | null;
  store_id: StoreId;
  version: string | null;
}

/** step: the step was committed; wake: the webhook's gate was moved, so that a wake has to be added; shut: its breaker is open. */
interface StepRow extends MovedGateRow {
  kind: 'step' | 'wake' | 'shut';
}

/** Fan-out in PostgreSQL: two round trips a step, whatever its size. */
export class PgFanOutLedger implements FanOutLedger {
  constructor(private readonly sql: SqlClient) {}

  async openBatch(batchId: BatchId, eventsMax: number): Promise<OpenBatch | null> {
    const rows = await this.sql.run<OpenBatchRow>(OPEN_BATCH, [batchId, eventsMax, STEP_BYTES_MAX]);
    const first = rows[0];
    if (first === undefined) return null;
    return {
      batchId,
      eventType: first.batch_type,
      bulk: first.bulk,
      position: first.position,
      afterWebhook: first.after_webhook,
      events: rows.map((row) => (row.event_id === null ? null : storedEvent({ ...row, event_id: row.event_id }))),
      more: first.position + rows.length < first.size,
      storeVersions: new Map(rows.flatMap((row) => (row.version === null ? [] : [[row.store_id, row.version]]))),
    };
  }

  async commitStep(step: FanOutStep): Promise<CommittedStep | null> {
    const statement = step.apart.length === 0 ? COMMIT_STEP : COMMIT_STEP_APART;
    const values = statement.valuesOf(stepInput(step, Date.now()));
    const rows = await this.sql.run<StepRow>(statement, values).catch(lapsedWorker(step.lease));
    if (rows.length === 0) return null;
    const gatesOf = (kind: StepRow['kind']): DueWebhook[] => movedGates(rows.filter((row) => row.kind === kind));
    const shut = gatesOf('shut').map(({ webhookId, delayMs }) => ({ webhookId, openForMs: delayMs }));
    return { wakes: gatesOf('wake'), shut };
  }
}
