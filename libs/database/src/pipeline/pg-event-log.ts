import { type BatchId, type EventId, type EventType, idTimeMs } from '@signpost/domain';
import type { EventLog, NewEvent, PublishedEvent, Submission, SubmissionOutcome } from '@signpost/delivery';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { ANSWER_MS_MAX, COMMIT, COMMIT_AUDITED, commitInput } from './commit-statement';

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
    const input = commitInput(submissions, batchOf, bulk);
    const statement = input.audited.length === 0 ? COMMIT : COMMIT_AUDITED;
    const rows = await this.sql.run<JudgedRow>(statement, statement.valuesOf(input));
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
