import {
  assertNever,
  type AttemptErrorCode,
  type BatchId,
  type DeliveryId,
  encodeId,
  type EventId,
  type JsonObject,
  mintId,
  type OperationalEventType,
  type StoreId,
  type WebhookId,
} from '@signpost/domain';
import { column, type Columns } from '../sql/column';
import type { SqlRunner } from '../sql/sql-client';
import { StatementParameters } from '../sql/statement-parameters';

/** What happened to a webhook, or to a delivery of it. Times are milliseconds since 1970; `atMs` is when it happened. */
export type OperationalFact = Subject & (DisabledFact | RecoveredFact | ExhaustedFact);

interface Subject {
  readonly storeId: StoreId;
  readonly webhookId: WebhookId;
  readonly url: string;
  readonly atMs: number;
}

interface DisabledFact {
  readonly type: 'webhook.disabled';
  readonly reason: 'failing' | 'gone';
  readonly message: string;
  readonly failingSinceMs: number | null;
}

interface RecoveredFact {
  readonly type: 'webhook.recovered';
  readonly failingSinceMs: number | null;
}

interface ExhaustedFact {
  readonly type: 'delivery.exhausted';
  readonly deliveryId: DeliveryId;
  readonly eventId: EventId;
  readonly eventType: string;
  readonly attempts: number;
  readonly errorCode: AttemptErrorCode;
  readonly message: string;
}

/** A fact, and the batch of all facts of its type. */
interface NewFact {
  readonly fact: OperationalFact;
  readonly batchId: BatchId | null;
}

const FACT_COLUMNS = {
  id: column.uuid(({ fact }) => mintId('event', fact.atMs)),
  store_id: column.uuid(({ fact }) => fact.storeId),
  batch_id: column.uuid(({ batchId }) => batchId),
  type: column.text(({ fact }): OperationalEventType => fact.type),
  at_ms: column.float8(({ fact }) => fact.atMs),
  data: column.text(({ fact }) => JSON.stringify(dataOf(fact))),
} satisfies Columns<NewFact>;

const parameters = new StatementParameters<readonly NewFact[]>();
const given = parameters.rows((facts) => facts, FACT_COLUMNS);

/**
 * Keeps events, and one outbox row per batch, for the stores in which an enabled webhook is subscribed to them. A webhook that this
 * transaction has disabled does not count: it could not be told.
 */
const EMIT = parameters.statement(
  'emit_operational_events',
  `
WITH fact AS (
  SELECT ${given.columns}
), kept AS (
  INSERT INTO events (id, store_id, batch_id, type, occurred_at, data)
  SELECT f.id, f.store_id, f.batch_id, f.type, to_timestamp(f.at_ms / 1000), f.data FROM fact f
  WHERE EXISTS (
    SELECT FROM webhooks w
    WHERE w.store_id = f.store_id AND w.deleted_at IS NULL AND w.enabled AND f.type = ANY (w.event_types)
  )
  RETURNING id, batch_id, type
)
INSERT INTO outbox (batch_id, event_type, event_ids) SELECT batch_id, type, array_agg(id ORDER BY id) FROM kept GROUP BY batch_id, type`,
);

/**
 * Publishes facts to the webhooks that are subscribed to them, in the transaction that makes them true: neither is there without the other.
 * No job is added; the sweep finds the outbox rows within seconds.
 */
export async function emitOperationalEvents(runner: SqlRunner, facts: readonly OperationalFact[]): Promise<void> {
  const [first] = facts;
  if (first === undefined) return;
  const batchIds = new Map(facts.map(({ type }) => [type, mintId('batch', first.atMs)]));
  const newFacts = facts.map((fact) => ({ fact, batchId: batchIds.get(fact.type) ?? null }));
  await runner.run(EMIT, EMIT.valuesOf(newFacts));
}

/** The data of the event, as the catalogue's schema of its type says. */
function dataOf(fact: OperationalFact): JsonObject {
  const webhook = { webhookId: encodeId('webhook', fact.webhookId), url: fact.url };
  const at = new Date(fact.atMs).toISOString();
  switch (fact.type) {
    case 'webhook.disabled': {
      const { reason, message, failingSinceMs } = fact;
      return { ...webhook, reason, message, failingSince: isoOrNull(failingSinceMs), disabledAt: at };
    }
    case 'webhook.recovered':
      return { ...webhook, failingSince: isoOrNull(fact.failingSinceMs), recoveredAt: at };
    case 'delivery.exhausted': {
      const { eventType, attempts, errorCode, message } = fact;
      const deliveryId = encodeId('delivery', fact.deliveryId);
      const eventId = encodeId('event', fact.eventId);
      return { ...webhook, deliveryId, eventId, eventType, attempts, errorCode, message, failedAt: at };
    }
    default:
      return assertNever(fact);
  }
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
