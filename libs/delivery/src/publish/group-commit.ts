import { type BatchId, type EventType, mintId, SignpostError } from '@signpost/domain';
import type { Courtesy } from '../courtesy';
import { gather } from '../gather';
import type { EventLog, Submission, SubmissionOutcome } from '../ports/event-log';
import type { JobQueue } from '../ports/job-queue';

/** Bounds of a group commit. */
export interface GroupCommitOptions {
  /** Commits under way at once; while they run, what arrives is collected for the next one. */
  readonly commitsMax: number;
  /** Events and bytes of one commit; a single submission may exceed them alone. */
  readonly commitEventsMax: number;
  readonly commitBytesMax: number;
  /** Bytes that may wait for a commit before callers are turned away. */
  readonly waitingBytesMax: number;
  /** Jobs being added at once; beyond that the sweep adds them. */
  readonly enqueuesMax: number;
  /** Whether its batches are bulk: they give way to others, here and when they are fanned out. */
  readonly bulk: boolean;
  /** PostgreSQL's time in milliseconds since 1970, which all processes share: it tells when batches are due, and how old they are. */
  readonly nowMs: () => number;
}

/** How long a group is held open. Not for long: producers wait for their answers. */
const PATIENCE = { usualMs: 8, mostMs: 32 };
/** How long a submission lets other submissions go first that came later but are due earlier. */
const GIVES_WAY_MS_MAX = 2_000;
/** What an event takes beside its data, roughly. Of the data, each character counts as a byte: the bounds need not be exact. */
const OTHER_BYTES = 128;
/** When groups have more submissions than this, one commit runs at a time: one large group costs less than two of half its size at once. */
const LARGE_GROUP = 16;

interface Waiting {
  readonly submission: Submission;
  readonly bytes: number;
  /** By the monotonic clock. */
  readonly cameAtMs: number;
  /** Its place in the line, by the same clock. */
  readonly turnAtMs: number;
  /** When its fan-out is due, in milliseconds since 1970. */
  readonly dueAtMs: number;
  readonly resolve: (outcome: SubmissionOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** What a group commit tells of itself. */
export interface GroupCommitObserver {
  /** A commit ended: how many events it accepted, and how long it took. */
  committed(events: number, durationMs: number): void;
  /** Jobs could not be added; the sweep will. */
  enqueueFailed(error: unknown): void;
}

/**
 * The group commit: submissions that arrive while a commit runs share the next one, so that one transaction, one disk flush
 * and one job serve them all. Alone, a submission is committed at once.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private waitingEvents = 0;
  private waitingBytes = 0;
  private commits = 0;
  private enqueues = 0;
  private scheduled = false;
  private lastGroup = 0;

  constructor(
    private readonly eventLog: EventLog,
    private readonly queue: JobQueue,
    private readonly observer: GroupCommitObserver,
    private readonly courtesy: Courtesy,
    private readonly options: GroupCommitOptions,
  ) {}

  /**
   * Accepts a submission: once this resolves with `accepted`, its events are on disk and will be delivered.
   *
   * @param delayMs - in how many milliseconds it is its turn. At the fan-out, the batch that is due earlier goes first. Here, where a
   *   producer waits for its answer, a submission lets others go first for two seconds at most
   * @throws SignpostError `unavailable` when too much waits already, or PostgreSQL is away
   */
  publish(submission: Submission, delayMs = 0): Promise<SubmissionOutcome> {
    const bytes = submission.events.reduce((sum, event) => sum + event.data.length + OTHER_BYTES, 0);
    if (this.waiting.length > 0 && this.waitingBytes + bytes > this.options.waitingBytesMax) {
      return Promise.reject(
        new SignpostError('unavailable', 'More is being published than can be stored right now.', {
          retryAfterSeconds: 1,
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const cameAtMs = performance.now();
      const turnAtMs = cameAtMs + Math.min(delayMs, GIVES_WAY_MS_MAX);
      this.lineUp({ submission, bytes, cameAtMs, turnAtMs, dueAtMs: this.options.nowMs() + delayMs, resolve, reject });
      this.waitingEvents += submission.events.length;
      this.waitingBytes += bytes;
      this.schedule();
    });
  }

  private lineUp(item: Waiting): void {
    const place = this.waiting.findLastIndex(({ turnAtMs }) => turnAtMs <= item.turnAtMs) + 1;
    this.waiting.splice(place, 0, item);
  }

  /** Collects what arrives together before it commits. */
  private schedule(): void {
    if (this.scheduled || this.commits >= this.commitsMax) return;
    this.scheduled = true;
    void gather(
      this.lastGroup,
      PATIENCE,
      () => this.waiting.length,
      () => this.isFull,
    ).then(() => {
      this.scheduled = false;
      while (this.waiting.length > 0 && this.commits < this.commitsMax) void this.commitNext();
    });
  }

  /** Whether enough waits to fill a commit. */
  private get isFull(): boolean {
    return this.waitingEvents >= this.options.commitEventsMax || this.waitingBytes >= this.options.commitBytesMax;
  }

  private get commitsMax(): number {
    return this.lastGroup > LARGE_GROUP ? 1 : this.options.commitsMax;
  }

  private async commitNext(): Promise<void> {
    const startedAtMs = performance.now();
    if (!this.options.bulk) this.courtesy.othersServed();
    const group = this.takeGroup();
    this.lastGroup = group.length;
    this.commits += 1;
    try {
      await this.commitGroup(group);
      const waitedMs = startedAtMs - Math.min(...group.map(({ cameAtMs }) => cameAtMs));
      if (this.options.bulk) await this.courtesy.rest(performance.now() - startedAtMs, waitedMs);
    } finally {
      this.commits -= 1;
      if (this.waiting.length > 0) this.schedule();
    }
  }

  private takeGroup(): Waiting[] {
    const { bulk, commitEventsMax, commitBytesMax } = this.options;
    const eventsMax = bulk ? this.courtesy.pieceOf(commitEventsMax) : commitEventsMax;
    let count = 0;
    let events = 0;
    let bytes = 0;
    for (const item of this.waiting) {
      events += item.submission.events.length;
      bytes += item.bytes;
      if (count > 0 && (events > eventsMax || bytes > commitBytesMax)) break;
      count += 1;
      this.waitingEvents -= item.submission.events.length;
      this.waitingBytes -= item.bytes;
    }
    return this.waiting.splice(0, count);
  }

  private async commitGroup(group: readonly Waiting[]): Promise<void> {
    const startedAtMs = performance.now();
    const submissions = group.map((item) => item.submission);
    const batchOf = batchPerType(submissions, this.options.nowMs());
    let outcomes: readonly SubmissionOutcome[];
    try {
      outcomes = await this.eventLog.commit(submissions, batchOf, this.options.bulk);
    } catch (error) {
      await this.refuse(group, error);
      return;
    }
    const acceptedTypes = new Set<EventType>();
    let accepted = 0;
    group.forEach((item, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) return item.reject(new Error('The event log gave no outcome for a submission.'));
      if (outcome.kind === 'accepted') {
        accepted += item.submission.events.length;
        for (const event of item.submission.events) acceptedTypes.add(event.type);
      }
      item.resolve(outcome);
    });
    this.observer.committed(accepted, performance.now() - startedAtMs);
    this.enqueue(batchOf, acceptedTypes, Math.min(...group.map(({ dueAtMs }) => dueAtMs)));
  }

  /**
   * Answers a group whose commit failed. While PostgreSQL is away, those who wait for the next commit are refused as well, so that nobody
   * waits for longer than one commit. When PostgreSQL is there and refuses, one submission may be the cause: each is committed alone, and
   * the others pass.
   */
  private async refuse(group: readonly Waiting[], error: unknown): Promise<void> {
    const unavailable = error instanceof SignpostError && error.code === 'unavailable';
    if (unavailable || group.length === 1) {
      const told = unavailable ? [...group, ...this.waiting.splice(0)] : group;
      if (unavailable) this.waitingEvents = this.waitingBytes = 0;
      for (const item of told) item.reject(error);
      return;
    }
    for (const item of group) await this.commitGroup([item]);
  }

  /** Adds the jobs. No caller waits for that: until they are fanned out the batches are in the outbox, where the sweep finds them. */
  private enqueue(batchOf: ReadonlyMap<EventType, BatchId>, types: ReadonlySet<EventType>, dueAtMs: number): void {
    const batches = [...types].flatMap((eventType) => {
      const batchId = batchOf.get(eventType);
      return batchId === undefined ? [] : [{ batchId, eventType, bulk: this.options.bulk, dueAtMs }];
    });
    if (batches.length === 0 || this.enqueues >= this.options.enqueuesMax) return;
    this.enqueues += 1;
    void this.queue
      .addBatches(batches)
      .catch((error: unknown) => this.observer.enqueueFailed(error))
      .finally(() => {
        this.enqueues -= 1;
      });
  }
}

function batchPerType(submissions: readonly Submission[], nowMs: number): ReadonlyMap<EventType, BatchId> {
  const batches = new Map<EventType, BatchId>();
  for (const { events } of submissions) {
    for (const { type } of events) {
      if (!batches.has(type)) batches.set(type, mintId('batch', nowMs));
    }
  }
  return batches;
}
