import { Courtesy } from '../courtesy';
import type { EventLog, Submission, SubmissionOutcome } from '../ports/event-log';
import type { JobQueue } from '../ports/job-queue';
import { BulkJudge } from './bulk-judge';
import { GroupCommit, type GroupCommitObserver, type GroupCommitOptions } from './group-commit';

/** How long bulk may wait at its commit before it rests less: producers of bulk wait for their answers, too. */
const BULK_PATIENCE_MS = 5_000;

/** The bounds of its commits, each of which may be changed. */
export type PublisherOptions = Omit<GroupCommitOptions, 'bulk' | 'nowMs'>;

const DEFAULT_OPTIONS: PublisherOptions = {
  commitsMax: 2,
  commitEventsMax: 500,
  commitBytesMax: 1024 * 1024,
  waitingBytesMax: 32 * 1024 * 1024,
  enqueuesMax: 64,
};

/**
 * Where submissions are committed. Bulk has commits of its own, one at a time, and batches of its own: a producer that publishes a single
 * event waits neither behind an import of another store, nor in one batch with it.
 */
export class Publisher {
  private readonly usual: GroupCommit;
  private readonly bulk: GroupCommit;
  private readonly judge = new BulkJudge();

  /** @param nowMs - PostgreSQL's time in milliseconds since 1970 */
  constructor(
    eventLog: EventLog,
    queue: JobQueue,
    observer: GroupCommitObserver,
    nowMs: () => number,
    options: Partial<PublisherOptions> = {},
  ) {
    const bounds = { ...DEFAULT_OPTIONS, ...options, nowMs };
    const courtesy = new Courtesy(BULK_PATIENCE_MS);
    this.usual = new GroupCommit(eventLog, queue, observer, courtesy, { ...bounds, bulk: false });
    this.bulk = new GroupCommit(eventLog, queue, observer, courtesy, { ...bounds, commitsMax: 1, bulk: true });
  }

  /**
   * Accepts a submission: once this resolves with `accepted`, its events are on disk and will be delivered.
   *
   * @throws SignpostError `unavailable` when too much waits already, or PostgreSQL is away
   */
  publish(submission: Submission): Promise<SubmissionOutcome> {
    const delayMs = this.judge.delayMsOf(submission);
    return delayMs === null ? this.usual.publish(submission) : this.bulk.publish(submission, delayMs);
  }
}
