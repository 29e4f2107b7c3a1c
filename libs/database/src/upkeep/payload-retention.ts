import { idLowerBound } from '@signpost/domain';
import type { QueryRunner } from 'typeorm';

/** A partition of events: those of one day. */
interface EventPartition {
  readonly name: string;
  /** When the day begins, in milliseconds since 1970. */
  readonly dayMs: number;
}

/** Events looked at in one statement. */
const EVENTS_PER_STEP = 2_000;

/** How many payloads one run forgets; its last step may forget some more. */
export const PAYLOADS_PER_RUN = 100_000;

/** How many steps one run takes in a partition whose events have all been looked at before. */
const STEPS_AGAIN_PER_RUN = 50;

/** How far the events of a partition have been looked at. */
interface Progress {
  /** The last event that was looked at. */
  after: string;
  /**
   * The event after which the first step began that found a payload still owed: from there the partition is gone through again, once its
   * end is reached. Null: none was found.
   */
  owedAfter: string | null;
  /** Whether all events have been looked at once. */
  isThrough: boolean;
}

/**
 * Forgets the payloads of events that nobody is owed any more. A partition is gone through by id, so that no step looks again at the events
 * of an earlier one. Events that were still owed are looked at again, from the first of them on: a bounded number a run, and only after the
 * partitions that have not been gone through yet. A new process begins anew.
 */
export class PayloadRetention {
  private readonly progress = new Map<string, Progress>();

  /**
   * @param partitions - those whose payloads are past their retention, oldest first
   * @param stop - once it is aborted no other step is begun
   * @returns how many payloads were forgotten; if {@link PAYLOADS_PER_RUN} or more, others may be left
   * @throws the driver's error; the next run goes on from there
   */
  async run(runner: QueryRunner, partitions: readonly EventPartition[], stop: AbortSignal): Promise<number> {
    let forgotten = 0;
    const newFirst = partitions
      .map((partition) => ({ partition, progress: this.progressOf(partition) }))
      .sort((a, b) => Number(a.progress.isThrough) - Number(b.progress.isThrough));
    for (const { partition, progress } of newFirst) {
      const stepsMax = progress.isThrough ? STEPS_AGAIN_PER_RUN : Infinity;
      let more = true;
      for (let steps = 0; more && steps < stepsMax && forgotten < PAYLOADS_PER_RUN && !stop.aborted; steps += 1) {
        const step = await takeStep(runner, partition, progress);
        forgotten += step.forgotten;
        more = step.more;
      }
    }
    return forgotten;
  }

  private progressOf({ name, dayMs }: EventPartition): Progress {
    const progress = this.progress.get(name) ?? { after: idLowerBound(dayMs), owedAfter: null, isThrough: false };
    this.progress.set(name, progress);
    return progress;
  }
}

interface StepRow {
  /** The last event that was looked at; null when there was none. */
  last: string | null;
  /** How many of the events still had their payload. */
  kept: number;
  forgotten: number;
}

/** Moves the progress on. @returns `more`: false at the end of the partition */
async function takeStep(
  runner: QueryRunner,
  { name }: EventPartition,
  progress: Progress,
): Promise<{ forgotten: number; more: boolean }> {
  const [row] = (await runner.query(stepOf(name), [progress.after, EVENTS_PER_STEP])) as [StepRow];
  if (row.last === null) {
    progress.after = progress.owedAfter ?? progress.after;
    progress.owedAfter = null;
    progress.isThrough = true;
    return { forgotten: 0, more: false };
  }
  if (row.kept > row.forgotten) progress.owedAfter ??= progress.after;
  progress.after = row.last;
  return { forgotten: row.forgotten, more: true };
}

function stepOf(partition: string): string {
  return `
WITH step AS MATERIALIZED (SELECT id, data IS NOT NULL AS kept FROM ${partition} WHERE id > $1 ORDER BY id LIMIT $2),
owed AS MATERIALIZED (
  SELECT d.event_id FROM deliveries d
  WHERE d.event_id = ANY (ARRAY(SELECT id FROM step WHERE kept)) AND d.status IN ('queued', 'retrying', 'held')
), forgotten AS (
  UPDATE ${partition} e SET data = NULL
  WHERE e.id = ANY (ARRAY(SELECT id FROM step WHERE kept)) AND NOT EXISTS (SELECT FROM owed o WHERE o.event_id = e.id)
    AND NOT EXISTS (SELECT FROM outbox o WHERE o.batch_id = e.batch_id)
  RETURNING e.id
)
SELECT (SELECT id FROM step ORDER BY id DESC LIMIT 1) AS last, (SELECT count(*) FROM step WHERE kept)::int AS kept,
       (SELECT count(*) FROM forgotten)::int AS forgotten`;
}
