import { type BatchId, encodeId, type EventId, type EventType, idTimeMs, mintId, type StoreId } from '@signpost/domain';
import type {
  EventLog,
  NewEvent,
  PersonAtHand,
  PublishedEvent,
  Submission,
  SubmissionOutcome,
} from '@signpost/delivery';
import type { AuditAction } from './audit-log';
import { bigintArray, booleanArray, byteaArray, intArray, textArray, timestampArray, uuidArray } from './binary-array';
import { KEY_IS_ACTIVE } from './key-active-sql';
import { rowsOf } from './rows-of';
import type { SqlRunner, Statement } from './sql-client';

/** While PostgreSQL hangs, a publisher is answered with 503 after this time, and asks again with the same idempotency key. */
const ANSWER_MS_MAX = 4_000;

/** What the audit log says of an event that a person published. */
const PUBLISHED: AuditAction = 'event.published';

/** The audit entry of each event that a person publishes, in the statement that accepts the event: there is neither without the other. */
const AUDIT = `, audited AS (
  INSERT INTO audit_log (id, store_id, actor_kind, actor_id, address, action, object_kind, object_id, changes)
  SELECT t.id, s.store_id, 'person', t.person_id, t.address, '${PUBLISHED}', 'event', t.event_id,
         jsonb_build_object('after', jsonb_build_object('type', t.type))
  FROM (SELECT ${rowsOf({
    n: '$15::int[]',
    id: '$16::uuid[]',
    person_id: '$17::text[]',
    address: '$18::text[]',
    event_id: '$19::text[]',
    type: '$20::text[]',
  })}) t
  JOIN accepted USING (n) JOIN submission s USING (n)
)`;

/**
 * One statement is the whole commit: it judges each submission by the store's and the key's present state, claims its idempotency key, and
 * keeps the events and outbox rows of those that passed.
 *
 * @param beside - further common table expressions, which write something about the submissions that passed
 */
const commitText = (beside: string): string => `
WITH submission AS (
  SELECT ${rowsOf({
    n: '$1::int[]',
    store_id: '$2::uuid[]',
    api_key_id: '$3::uuid[]',
    api_key_version: '$4::bigint[]',
    used_previous: '$5::boolean[]',
    idempotency_key: '$6::text[]',
    body_hash: '$7::bytea[]',
  })}
), event AS (
  SELECT generate_subscripts($9::uuid[], 1) AS place, ${rowsOf({
    n: '$8::int[]',
    id: '$9::uuid[]',
    type: '$10::text[]',
    occurred_at: '$11::timestamptz[]',
    data: '$12::text[]',
    batch_id: '$13::uuid[]',
  })}
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
  SELECT e.batch_id, min(e.type), array_agg(e.id ORDER BY e.place), $14 FROM event e JOIN accepted USING (n) GROUP BY e.batch_id
)${beside}
SELECT j.n, j.store_live, j.caller_valid, EXISTS (SELECT FROM accepted a WHERE a.n = j.n) AS accepted
FROM judged j ORDER BY j.n`;

const COMMIT: Statement = { name: 'commit_events', answerMsMax: ANSWER_MS_MAX, text: commitText('') };

/** For a group in which a person publishes. It is a statement of its own, so that no other group pays for the audit entries. */
const COMMIT_AUDITED: Statement = {
  name: 'commit_audited_events',
  answerMsMax: ANSWER_MS_MAX,
  text: commitText(AUDIT),
};

/** The answer given before to each idempotency key: which body it was for, and the events it made, which may be gone by now. */
const FIND_REPLAYS: Statement = {
  name: 'find_replays',
  answerMsMax: ANSWER_MS_MAX,
  text: `
SELECT asked.n, i.body_hash = asked.body_hash AS same_body, u.id, e.type, e.occurred_at
FROM unnest($1::int[], $2::uuid[], $3::text[], $4::bytea[]) AS asked(n, store_id, key, body_hash)
CROSS JOIN LATERAL (
  SELECT body_hash, event_ids FROM idempotency_keys WHERE store_id = asked.store_id AND key = asked.key LIMIT 1
) i
CROSS JOIN LATERAL unnest(i.event_ids) WITH ORDINALITY AS u(id, place)
LEFT JOIN LATERAL (SELECT type, occurred_at FROM events WHERE id = u.id LIMIT 1) e ON true
ORDER BY asked.n, u.place`,
};

interface JudgedRow {
  n: number;
  store_live: boolean;
  caller_valid: boolean;
  accepted: boolean;
}

interface ReplayRow {
  n: number;
  same_body: boolean;
  id: EventId;
  type: EventType | null;
  occurred_at: Date | null;
}

/** What was found of submissions that were accepted before. */
interface Replays {
  readonly of: ReadonlyMap<number, readonly ReplayRow[]>;
  /** Why nothing was found. */
  readonly failure?: unknown;
}

const NO_REPLAYS: Replays = { of: new Map() };

/** Keeps events in PostgreSQL; one round trip a commit, and one more when an idempotency key was known already. */
export class PgEventLog implements EventLog {
  constructor(private readonly sql: SqlRunner) {}

  async commit(
    submissions: readonly Submission[],
    batchOf: ReadonlyMap<EventType, BatchId>,
    bulk: boolean,
  ): Promise<readonly SubmissionOutcome[]> {
    const values = [...commitValues(submissions, batchOf), bulk];
    const audited = auditedEvents(submissions);
    const rows =
      audited.length === 0
        ? await this.sql.run<JudgedRow>(COMMIT, values)
        : await this.sql.run<JudgedRow>(COMMIT_AUDITED, [...values, ...auditValues(audited)]);
    const repeated = rows.filter((row) => row.store_live && row.caller_valid && !row.accepted).map((row) => row.n);
    const replays = repeated.length > 0 ? await this.findReplays(submissions, repeated) : NO_REPLAYS;
    return rows.map((row) => outcomeOf(row, submissions[row.n]?.events ?? [], replays));
  }

  /**
   * Finds the answers given before. All other submissions are on disk by now: a failure is told only to callers that repeat an idempotency
   * key.
   */
  private async findReplays(submissions: readonly Submission[], numbers: number[]): Promise<Replays> {
    const asked = numbers.map((n) => submissions[n]);
    try {
      const rows = await this.sql.run<ReplayRow>(FIND_REPLAYS, [
        numbers,
        asked.map((submission) => submission?.storeId),
        asked.map((submission) => submission?.idempotency?.key),
        asked.map((submission) => submission?.idempotency?.bodyHash),
      ]);
      const found = new Map<number, ReplayRow[]>();
      for (const row of rows) found.set(row.n, [...(found.get(row.n) ?? []), row]);
      return { of: found };
    } catch (error) {
      return { of: new Map(), failure: error };
    }
  }
}

function commitValues(submissions: readonly Submission[], batchOf: ReadonlyMap<EventType, BatchId>): unknown[] {
  const events = submissions.flatMap((submission, n) => submission.events.map((event) => ({ n, event })));
  return [
    intArray(submissions, (_, n) => n),
    uuidArray(submissions, (submission): StoreId => submission.storeId),
    uuidArray(submissions, (submission) => submission.fence?.apiKeyId ?? null),
    bigintArray(submissions, (submission) => submission.fence?.version ?? null),
    booleanArray(submissions, (submission) => submission.fence?.usedPreviousSecret ?? false),
    textArray(submissions, (submission) => submission.idempotency?.key ?? null),
    byteaArray(submissions, (submission) => submission.idempotency?.bodyHash ?? null),
    intArray(events, ({ n }) => n),
    uuidArray(events, ({ event }) => event.id),
    textArray(events, ({ event }) => event.type),
    timestampArray(events, ({ event }) => Date.parse(event.timestamp)),
    textArray(events, ({ event }) => event.data),
    uuidArray(events, ({ event }) => batchOf.get(event.type) ?? null),
  ];
}

/** An event that a person publishes. */
interface AuditedEvent {
  readonly n: number;
  readonly person: PersonAtHand;
  readonly event: NewEvent;
}

function auditedEvents(submissions: readonly Submission[]): AuditedEvent[] {
  return submissions.flatMap(({ person, events }, n) =>
    person === null ? [] : events.map((event) => ({ n, person, event })),
  );
}

function auditValues(audited: readonly AuditedEvent[]): unknown[] {
  return [
    intArray(audited, ({ n }) => n),
    uuidArray(audited, ({ event }) => mintId('audit', idTimeMs(event.id))),
    textArray(audited, ({ person }) => person.id),
    textArray(audited, ({ person }) => person.address),
    textArray(audited, ({ event }) => encodeId('event', event.id)),
    textArray(audited, ({ event }) => event.type),
  ];
}

function outcomeOf(row: JudgedRow, events: readonly NewEvent[], replays: Replays): SubmissionOutcome {
  if (!row.store_live) return { kind: 'store_not_found' };
  if (!row.caller_valid) return { kind: 'stale_caller' };
  if (row.accepted) return { kind: 'accepted', events };
  const replay = replays.of.get(row.n);
  // If nothing failed, the key was forgotten between the two statements: the producer's next try finds it free.
  if (replay === undefined) return { kind: 'answer_unknown', cause: replays.failure };
  if (!replay.every((event) => event.same_body)) return { kind: 'idempotency_conflict' };
  return { kind: 'replayed', events: replay.map((row, place) => publishedEvent(row, events[place])) };
}

/** When the event is past its retention, its type is that of the event in the repeated body, and its time is that in its id. */
function publishedEvent(row: ReplayRow, again: NewEvent | undefined): PublishedEvent {
  const type = row.type ?? again?.type;
  if (type === undefined) throw new Error('The same body made another number of events before.');
  return { id: row.id, type, timestamp: (row.occurred_at ?? new Date(idTimeMs(row.id))).toISOString() };
}
