import type { BatchToFanOut, JobQueue } from '@signpost/delivery';
import { SignpostError, type DeliveryId, type RecoveryId, type WebhookId } from '@signpost/domain';
import type { BulkJobOptions, Queue } from 'bullmq';
import { JOB_OPTIONS, QUEUE_NAMES, type JobQueues, type QueueName } from './jobs';
import type { QueueBackend } from './queue-backend';
import type { FaultListener } from './queue-fault';
import { QueueRoom } from './queue-room';
import { wakeBucketEndMs } from './wake-bucket';
import { queueUnavailable, withinDeadline } from './within-deadline';

/** How long a caller waits for the queue at most: a job is only a hint, for which no request should wait long. */
const CALL_MS_MAX = 1_000;
/** How many calls may be under way at once; further calls fail at once, as when the server answers slower than it is asked. */
const CALLS_MAX = 1_000;
/** Up to this many jobs are added one by one: BullMQ's bulk call for PostgreSQL makes temporary tables, which is slow for a few jobs. */
const SINGLE_ADDS_MAX = 4;
const SWEEP_ID = 'sweep';
/** BullMQ's priorities go from 1 to this one; the lowest number comes first. */
const PRIORITY_MAX = 2 ** 21 - 1;

/** How full a queue is. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

interface NewJob<Name extends string, Data> {
  readonly name: Name;
  readonly data: Data;
  readonly opts: BulkJobOptions & { readonly jobId: string };
}

/**
 * The producers' side of the queue. When the server is away, every call rejects with SignpostError `unavailable` within about a second, and
 * keeps nothing in memory. The caller logs the error and goes on: the sweep finds the work in PostgreSQL.
 */
export class BullJobQueue implements JobQueue {
  private callsUnderWay = 0;
  private readonly adding = new Set<Promise<void>>();
  /** The room in the queues that grow with every published batch. Null on PostgreSQL: only queues in Redis take memory. */
  private readonly rooms: { readonly events: QueueRoom; readonly bulk: QueueRoom } | null;

  /** @param now a clock in milliseconds, for the due times of wakes */
  constructor(
    private readonly backend: QueueBackend,
    private readonly queues: JobQueues,
    private readonly now: () => number,
    onFault: FaultListener,
  ) {
    for (const name of QUEUE_NAMES) {
      queues[name].on('error', (error: Error) => onFault({ kind: 'backend', queue: name, error }));
    }
    this.rooms = backend.kind === 'redis' ? { events: this.roomOf('events'), bulk: this.roomOf('bulk') } : null;
  }

  async addBatches(
    batches: readonly BatchToFanOut[],
    options: { stranded: boolean } = { stranded: false },
  ): Promise<void> {
    const rooms = options.stranded ? null : this.rooms;
    const jobOf = ({ batchId, eventType }: BatchToFanOut) => ({
      name: eventType,
      data: { batchId },
      opts: { jobId: batchId },
    });
    const bulkOf = (batch: BatchToFanOut) => {
      const { opts, ...job } = jobOf(batch);
      return { ...job, opts: { ...opts, priority: bulkPriority(batch, this.now()) } };
    };
    const isBulk = ({ bulk }: BatchToFanOut): boolean => bulk === true;
    await Promise.all([
      this.add(this.queues.events, batches.filter((batch) => !isBulk(batch)).map(jobOf), rooms?.events),
      this.add(this.queues.bulk, batches.filter(isBulk).map(bulkOf), rooms?.bulk),
    ]);
  }

  async addWakes(
    wakes: readonly { webhookId: WebhookId; delayMs: number }[],
    options: { deduplicate: boolean } = { deduplicate: false },
  ): Promise<void> {
    const nowMs = this.now();
    await this.add(
      this.queues.wakes,
      wakes.map(({ webhookId, delayMs }) => {
        const dueMs = wakeBucketEndMs(nowMs, delayMs);
        // With one id per webhook, a second job cannot be added while the first one waits or runs.
        const opts = options.deduplicate
          ? { jobId: webhookId, delay: Math.max(0, delayMs) }
          : { jobId: `${webhookId}-${dueMs}`, delay: dueMs - nowMs };
        return { name: 'wake' as const, data: { webhookId }, opts };
      }),
    );
  }

  async addTest(deliveryId: DeliveryId): Promise<void> {
    await this.add(this.queues.tests, [{ name: 'test', data: { deliveryId }, opts: { jobId: deliveryId } }]);
  }

  async addRetry(deliveryId: DeliveryId): Promise<void> {
    await this.add(this.queues.retries, [{ name: 'retry', data: { deliveryId }, opts: { jobId: deliveryId } }]);
  }

  async addRecovery(recoveryId: RecoveryId): Promise<void> {
    await this.add(this.queues.recoveries, [{ name: 'recovery', data: { recoveryId }, opts: { jobId: recoveryId } }]);
  }

  /**
   * Makes sure that the sweep runs once every `everyMs` milliseconds, however many workers there are. Only reads when all is well, so
   * every worker may call it every few seconds. The calls schedule the sweep again when the queue was emptied, when the chain of runs
   * broke, or when a wrong clock put the next run far ahead.
   */
  async ensureSweep(everyMs: number): Promise<void> {
    await this.call('scheduling the sweep', async () => {
      const { sweep } = this.queues;
      const scheduler = await sweep.getJobScheduler(SWEEP_ID);
      const inMs = (scheduler?.next ?? 0) - this.now();
      if (scheduler?.every === everyMs && Math.abs(inMs) < 2 * everyMs) return;
      // The run was scheduled by a clock that has been set back since, or with a longer `everyMs`: it would be kept at its late time.
      if (inMs > 0) await sweep.removeJobScheduler(SWEEP_ID);
      const template = { name: 'sweep' as const, data: {}, opts: JOB_OPTIONS.sweep };
      // With an offset, runs fall on a grid that all workers compute alike, so two workers that schedule at once schedule the same run.
      // On PostgreSQL the second worker may schedule the run after it instead: then one run comes early, and there is still one schedule.
      await sweep.upsertJobScheduler(SWEEP_ID, { every: everyMs, offset: 1 }, template);
    });
  }

  /** Resolves within about a second, when every job that is being added now has been added or refused. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.adding);
  }

  /**
   * For /readyz: resolves when jobs can be added and, in a process with workers, also taken.
   *
   * @throws SignpostError `unavailable` when the server does not answer within a second
   */
  async ping(): Promise<void> {
    await this.call('the sign of life', () => this.backend.ping());
  }

  /** For /metrics. @throws SignpostError `unavailable` like every call */
  async counts(): Promise<Record<QueueName, QueueCounts>> {
    return this.call('counting', async () => {
      const entries = QUEUE_NAMES.map(async (name) => [name, await countsOf(this.queues[name])] as const);
      return Object.fromEntries(await Promise.all(entries)) as Record<QueueName, QueueCounts>;
    });
  }

  private async add<Data, Name extends string>(
    queue: Queue<Data, void, Name, Data, void, Name>,
    jobs: readonly NewJob<Name, Data>[],
    room?: QueueRoom,
  ): Promise<void> {
    if (jobs.length === 0) return;
    // In the order of their ids, so that two callers with the same jobs cannot deadlock.
    const sorted = jobs.toSorted((a, b) => (a.opts.jobId < b.opts.jobId ? -1 : 1));
    const added = this.ifRoom(room, `adding to ${queue.name}`, async () => {
      if (sorted.length > SINGLE_ADDS_MAX) await queue.addBulk(sorted);
      else await Promise.all(sorted.map((job) => queue.add(job.name, job.data, job.opts)));
    });
    this.adding.add(added);
    try {
      await added;
    } finally {
      this.adding.delete(added);
    }
  }

  private async ifRoom(room: QueueRoom | undefined, what: string, operation: () => Promise<void>): Promise<void> {
    if (room === undefined || (await room.isLeft())) await this.call(what, operation);
  }

  private roomOf(name: 'events' | 'bulk'): QueueRoom {
    const countWaiting = async () => (await this.call(`counting ${name}`, () => countsOf(this.queues[name]))).waiting;
    return new QueueRoom(countWaiting, () => performance.now());
  }

  private async call<T>(what: string, operation: () => Promise<T>): Promise<T> {
    if (!this.backend.isConnected()) throw queueUnavailable(`${what}: not connected`);
    if (this.callsUnderWay >= CALLS_MAX) throw queueUnavailable(`${what}: ${CALLS_MAX} calls are under way already`);
    this.callsUnderWay += 1;
    const work = operation().finally(() => {
      this.callsUnderWay -= 1;
    });
    try {
      return await withinDeadline(work, CALL_MS_MAX, what);
    } catch (error) {
      throw error instanceof SignpostError ? error : queueUnavailable(`${what} failed`, error);
    }
  }
}

async function countsOf(queue: Pick<Queue, 'getJobCounts'>): Promise<QueueCounts> {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed');
  const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = counts;
  return { waiting: waiting + prioritized, active, delayed };
}

/**
 * The second in which it is the batch's turn. The numbers begin anew every 24 days: jobs that wait at that moment come after jobs that are
 * added later, until the queue has been empty once.
 */
function bulkPriority({ dueAtMs }: BatchToFanOut, nowMs: number): number {
  return 1 + (Math.floor((dueAtMs ?? nowMs) / 1_000) % PRIORITY_MAX);
}
