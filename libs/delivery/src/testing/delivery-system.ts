import {
  type BatchId,
  encodeId,
  type EventId,
  mintId,
  type SendResult,
  SignpostError,
  type WebhookId,
} from '@signpost/domain';
import { type DeliveryObserver, DeliveryWorker, type DeliveryWorkerSettings } from '../delivery-worker';
import type { JobQueue } from '../ports/job-queue';
import { Sweep } from '../sweep';
import { registeredWebhook, storedEvent } from './deliveries';
import { MemoryLedgers } from './memory-ledgers';

const SETTINGS: DeliveryWorkerSettings = {
  webhookConcurrency: 8,
  workerConcurrency: 32,
  laneCapacity: 50,
  workerCapacity: 200,
  leaseMs: 4_000,
  // Longer than any outage in these tests.
  scheduleMs: [0, ...Array<number>(99).fill(500)],
  userAgent: 'Signpost/test',
};
const NO_TIMINGS = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 1 };

function answer(statusCode: number): SendResult {
  return {
    kind: 'response',
    response: { statusCode, headers: {}, body: '', bodyTruncated: false },
    timings: NO_TIMINGS,
  };
}

/** The connection of a worker to PostgreSQL. `cut off`: its calls fail; `gone`: its calls do nothing and are never answered. */
interface Link {
  state: 'stands' | 'cut off' | 'gone';
}

function overLink(ledgers: MemoryLedgers, link: Link): MemoryLedgers {
  return new Proxy(ledgers, {
    get: (target, name): unknown => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (link.state === 'gone') return new Promise(() => undefined);
        if (link.state === 'cut off')
          return Promise.reject(new SignpostError('unavailable', 'There is no connection.'));
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** Two webhooks, the ledgers, a queue that brings jobs to the living workers, a sweep, and endpoints. Runs under fake timers. */
export class DeliverySystem {
  readonly ledgers = new MemoryLedgers(() => Date.now());
  /** How many times the endpoint of each webhook took each event. */
  readonly taken = new Map<string, number>();
  readonly faults: string[] = [];
  respond: (url: string) => { readonly statusCode: number; readonly afterMs: number } = () => ({
    statusCode: 200,
    afterMs: 5,
  });
  /** Whether the queue loses the next job. */
  forgets: () => boolean = () => false;
  readonly workers: DeliveryWorker[] = [];
  private readonly links: Link[] = [];
  private readonly sweeping: NodeJS.Timeout;
  private turn = 0;

  constructor(private readonly settings: Partial<DeliveryWorkerSettings> = {}) {
    this.ledgers.webhooks.push(...[1, 2].map((n) => registeredWebhook(n, { url: `http://${n}/` })));
    const sweep = new Sweep(this.ledgers, this.queue, {
      strandedAfterMs: 0,
      overdueAfterMs: 1_000,
      leaseMs: SETTINGS.leaseMs,
      testsUnsentAfterMs: 0,
      idempotencyKeysKeptMs: 0,
      limit: 100,
      batchesMax: 100,
    });
    this.sweeping = setInterval(() => void sweep.run().catch(() => undefined), 2_000);
  }

  readonly queue: JobQueue = {
    addBatches: async (batches) => {
      for (const { batchId } of batches) this.later(0, (worker) => worker.fanOut(batchId));
    },
    addWakes: async (wakes) => {
      for (const { webhookId: id, delayMs } of wakes) this.later(delayMs, (worker) => worker.claim(id));
    },
    addTest: async () => undefined,
    addRetry: async () => undefined,
    addRecovery: async () => undefined,
  };

  async start(): Promise<DeliveryWorker> {
    const link: Link = { state: 'stands' };
    const ledgers = overLink(this.ledgers, link);
    const worker = new DeliveryWorker(
      {
        fanOutLedger: ledgers,
        claimLedger: ledgers,
        resultLedger: ledgers,
        leaseLedger: ledgers,
        registrySource: ledgers,
        queue: this.queue,
        sender: { send: (request) => this.send(request.url, request.headers['webhook-id'] ?? '') },
        observer: this.observer,
        busyShare: () => 1,
      },
      { ...SETTINGS, ...this.settings },
    );
    const started = worker.start();
    await jest.advanceTimersByTimeAsync(10);
    await started;
    this.workers.push(worker);
    this.links.push(link);
    return worker;
  }

  publish(count: number): EventId[] {
    const ids = Array.from({ length: count }, () => mintId('event', Date.now()));
    const batchId: BatchId = mintId('batch', Date.now());
    const events = ids.map((id) => storedEvent(1, { id }));
    this.ledgers.batches.set(batchId, { events, position: 0, afterWebhook: null });
    void this.queue.addBatches([{ batchId, eventType: 'order.create' }]);
    return ids;
  }

  /** A worker dies: nothing is heard of it any more. */
  kill(index = 0): void {
    const [link] = this.links.splice(index, 1);
    if (link !== undefined) link.state = 'gone';
    void this.workers.splice(index, 1)[0]?.stop(0);
  }

  /** A worker goes on without PostgreSQL: after the time of a lease, other workers own its deliveries. */
  cutOff(index: number): void {
    const link = this.links[index];
    if (link !== undefined) link.state = 'cut off';
  }

  mend(): void {
    for (const link of this.links) link.state = 'stands';
  }

  /** How many times the endpoint of a webhook took an event. */
  timesTaken(webhookId: WebhookId, eventId: EventId): number {
    const url = this.ledgers.webhooks.find(({ id }) => id === webhookId)?.url ?? '';
    return this.taken.get(`${url} ${encodeId('event', eventId)}`) ?? 0;
  }

  statuses(): string[] {
    return [...this.ledgers.deliveries.values()].map(({ status }) => status);
  }

  async end(): Promise<void> {
    clearInterval(this.sweeping);
    const stopped = this.workers.splice(0).map((worker) => worker.stop(30_000));
    await jest.advanceTimersByTimeAsync(40_000);
    await Promise.all(stopped);
  }

  private readonly observer: DeliveryObserver = {
    attempted: () => undefined,
    fannedOut: () => undefined,
    recorded: () => undefined,
    attemptFaulted: (_delivery, error) => this.faults.push(String(error)),
    heartbeatFailed: () => this.faults.push('heartbeat'),
    forgottenFreed: () => this.faults.push('forgotten'),
    lapsed: () => this.faults.push('lapsed'),
    recordFailed: () => this.faults.push('record'),
    enqueueFailed: () => this.faults.push('enqueue'),
    claimFailed: () => this.faults.push('claim'),
  };

  private async send(url: string, eventId: string): Promise<SendResult> {
    const { statusCode, afterMs } = this.respond(url);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    if (statusCode === 200) this.taken.set(`${url} ${eventId}`, (this.taken.get(`${url} ${eventId}`) ?? 0) + 1);
    return answer(statusCode);
  }

  /** A job that fails is tried once more; after that the sweep has to find it. */
  private later(delayMs: number, job: (worker: DeliveryWorker) => Promise<void>): void {
    if (this.forgets()) return;
    const run = async (): Promise<void> => {
      const worker = this.workers[(this.turn += 1) % Math.max(1, this.workers.length)];
      if (worker === undefined) throw new Error('Nobody is there.');
      await job(worker);
    };
    setTimeout(() => void run().catch(() => setTimeout(() => void run().catch(() => undefined), 300)), delayMs);
  }
}
