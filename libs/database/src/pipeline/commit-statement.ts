import { type BatchId, encodeId, type EventType, idTimeMs, mintId } from '@signpost/domain';
import type { NewEvent, PersonAtHand, Submission } from '@signpost/delivery';
import type { AuditAction } from '../admin/audit-log';
import { KEY_IS_ACTIVE } from '../keys/key-active-sql';
import { column, type Columns } from '../sql/column';
import { StatementParameters } from '../sql/statement-parameters';

/** While PostgreSQL hangs, a publisher is answered with 503 after this time, and asks again with the same idempotency key. */
export const ANSWER_MS_MAX = 4_000;

/** What the audit log says of an event that a person published. */
const PUBLISHED: AuditAction = 'event.published';

/** An event of one of the submissions, the n-th. */
interface SubmittedEvent {
  readonly n: number;
  readonly event: NewEvent;
  readonly batchId: BatchId | null;
}

/** An event that a person publishes. */
interface AuditedEvent {
  readonly n: number;
  readonly person: PersonAtHand;
  readonly event: NewEvent;
}

/** What one commit is given. */
interface CommitInput {
  readonly submissions: readonly Submission[];
  readonly events: readonly SubmittedEvent[];
  readonly bulk: boolean;
  readonly audited: readonly AuditedEvent[];
}

const SUBMISSION_COLUMNS = {
  n: column.int((_, n) => n),
  store_id: column.uuid(({ storeId }) => storeId),
  api_key_id: column.uuid(({ fence }) => fence?.apiKeyId ?? null),
  api_key_version: column.bigint(({ fence }) => fence?.version ?? null),
  used_previous: column.boolean(({ fence }) => fence?.usedPreviousSecret ?? false),
  idempotency_key: column.text(({ idempotency }) => idempotency?.key ?? null),
  body_hash: column.bytea(({ idempotency }) => idempotency?.bodyHash ?? null),
} satisfies Columns<Submission>;

const EVENT_COLUMNS = {
  n: column.int(({ n }) => n),
  id: column.uuid(({ event }) => event.id),
  type: column.text(({ event }) => event.type),
  occurred_at: column.timestamptz(({ event }) => Date.parse(event.timestamp)),
  data: column.text(({ event }) => event.data),
  batch_id: column.uuid(({ batchId }) => batchId),
} satisfies Columns<SubmittedEvent>;

const AUDIT_COLUMNS = {
  n: column.int(({ n }) => n),
  id: column.uuid(({ event }) => mintId('audit', idTimeMs(event.id))),
  person_id: column.text(({ person }) => person.id),
  address: column.text(({ person }) => person.address),
  event_id: column.text(({ event }) => encodeId('event', event.id)),
  type: column.text(({ event }) => event.type),
} satisfies Columns<AuditedEvent>;

const parameters = new StatementParameters<CommitInput>();
const given = {
  submission: parameters.rows(({ submissions }) => submissions, SUBMISSION_COLUMNS),
  event: parameters.rows(({ events }) => events, EVENT_COLUMNS),
  bulk: parameters.value(({ bulk }) => bulk),
};

/**
 * One statement is the whole commit: it judges each submission by the store's and the key's present state, claims its idempotency key, and
 * keeps the events and outbox rows of those that passed.
 *
 * @param beside - further common table expressions, which write something about the submissions that passed
 */
const commitText = (beside: string): string => `
WITH submission AS (
  SELECT ${given.submission.columns}
), event AS (
  SELECT generate_subscripts(${given.event.arrays.id}, 1) AS place, ${given.event.columns}
), judged AS (
  SELECT s.*, st.id IS NOT NULL AS store_live,
         s.api_key_id IS NULL OR ${KEY_IS_ACTIVE} AND k.version = s.api_key_version
           AND (NOT s.used_previous OR coalesce(k.previous_secret_until > now(), false)) AS caller_valid
  FROM submission s
  LEFT JOIN stores st ON st.id = s.store_id AND st.deleted_at IS NULL
  LEFT JOIN api_keys k ON k.id = s.api_key_id AND k.store_id = s.store_id
), claimed AS (
  INSERT INTO idempotency_keys (store_id, key, body_hash, event_ids)
  SELECT j.store_id, j.idempotency_key, j.body_hash, (SELECT array_agg(e.id ORDER BY e.place) FROM event e WHERE e.n = j.n)
  FROM judged j
  WHERE j.store_live AND j.caller_valid AND j.idempotency_key IS NOT NULL
  ORDER BY j.store_id, j.idempotency_key
  ON CONFLICT DO NOTHING
  RETURNING event_ids[1] AS first_event
), accepted AS (
  SELECT n FROM judged WHERE store_live AND caller_valid AND idempotency_key IS NULL
  UNION ALL
  SELECT e.n FROM claimed c JOIN event e ON e.id = c.first_event
), kept AS (
  INSERT INTO events (id, store_id, batch_id, api_key_id, type, occurred_at, data)
  SELECT e.id, s.store_id, e.batch_id, s.api_key_id, e.type, e.occurred_at, e.data
  FROM event e JOIN accepted USING (n) JOIN submission s USING (n)
), boxed AS (
  INSERT INTO outbox (batch_id, event_type, event_ids, bulk)
  SELECT e.batch_id, min(e.type), array_agg(e.id ORDER BY e.place), ${given.bulk} FROM event e JOIN accepted USING (n) GROUP BY e.batch_id
)${beside}
SELECT j.n, j.store_live, j.caller_valid, EXISTS (SELECT FROM accepted a WHERE a.n = j.n) AS accepted
FROM judged j ORDER BY j.n`;

export const COMMIT = parameters.statement('commit_events', commitText(''), ANSWER_MS_MAX);

const givenAudit = parameters.rows(({ audited }) => audited, AUDIT_COLUMNS);

/** The audit entry of each event that a person publishes, in the statement that accepts the event: there is neither without the other. */
const AUDIT = `, audited AS (
  INSERT INTO audit_log (id, store_id, actor_kind, actor_id, address, action, object_kind, object_id, changes)
  SELECT t.id, s.store_id, 'person', t.person_id, t.address, '${PUBLISHED}', 'event', t.event_id,
         jsonb_build_object('after', jsonb_build_object('type', t.type))
  FROM (SELECT ${givenAudit.columns}) t
  JOIN accepted USING (n) JOIN submission s USING (n)
)`;

/** For a group in which a person publishes. It is a statement of its own, so that no other group pays for the audit entries. */
export const COMMIT_AUDITED = parameters.statement('commit_audited_events', commitText(AUDIT), ANSWER_MS_MAX);

/** @param batchOf - the batch of each type */
export function commitInput(
  submissions: readonly Submission[],
  batchOf: ReadonlyMap<EventType, BatchId>,
  bulk: boolean,
): CommitInput {
  return {
    submissions,
    bulk,
    events: submissions.flatMap(({ events }, n) =>
      events.map((event) => ({ n, event, batchId: batchOf.get(event.type) ?? null })),
    ),
    audited: submissions.flatMap(({ person, events }, n) =>
      person === null ? [] : events.map((event) => ({ n, person, event })),
    ),
  };
}
