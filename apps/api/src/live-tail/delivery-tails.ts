import type { OnModuleDestroy } from '@nestjs/common';
import type { DeliveryRow } from '@signpost/database';
import { SignpostError, type StoreId } from '@signpost/domain';
import { EventStream } from './event-stream';
import type { RecentChanges } from './recent-changes';
import { StoreTail } from './store-tail';

/** Streams that one process keeps open at once. A quarter of them may be of one store, so that some are left for other stores. */
const STREAMS_MAX = 200;
const STREAMS_PER_STORE_MAX = STREAMS_MAX / 4;
/** Half of a store's streams may be of one caller: a service that opens one after the other does not lock out the dashboard. */
const STREAMS_PER_WATCHER_MAX = STREAMS_PER_STORE_MAX / 2;

const HEARTBEAT_MS = 15_000;

/** A reader that was away for longer reads the log instead. */
const RESUME_MS_MAX = 3_600_000;

/** Who watches a store. */
export interface TailWatcher {
  readonly storeId: StoreId;
  /** The same for all streams of one caller. */
  readonly name: string;
  /** How far it had seen, in milliseconds since 1970; null: it begins now. */
  readonly resumeMs: number | null;
  /** What is sent of a delivery, as JSON text; null: nothing. */
  readonly render: (delivery: DeliveryRow) => string | null;
  /** Rejects when the watcher may no longer watch. Asked before any delivery is sent. */
  readonly confirm: () => Promise<void>;
}

/** The live tails of this process: one look at a store serves everybody who watches it. */
export class DeliveryTails implements OnModuleDestroy {
  private readonly tails = new Map<StoreId, StoreTail>();
  private readonly streams = new Map<EventStream, TailWatcher>();
  private stopping = false;

  /**
   * @param nowMs by PostgreSQL's clock, as are the times of deliveries and attempts
   * @param lookFailed hears of looks at a store that failed; another follows
   */
  constructor(
    private readonly changesOf: (storeId: StoreId) => RecentChanges,
    private readonly nowMs: () => number,
    private readonly lookFailed: (error: unknown) => void,
  ) {}

  /**
   * Opens a stream that lasts until its reader goes, is too slow or may no longer watch, or this process stops.
   *
   * @throws SignpostError `rate_limited` when there are too many, `unavailable` when the process stops or the database is away
   */
  async open(watcher: TailWatcher): Promise<EventStream> {
    if (this.stopping) throw new SignpostError('unavailable', 'This server is stopping.', { retryAfterSeconds: 1 });
    if (this.isFullFor(watcher)) {
      throw new SignpostError('rate_limited', 'Too many live tails are open here.', { retryAfterSeconds: 5 });
    }
    const stream = new EventStream();
    this.streams.set(stream, watcher);
    stream.once('close', () => this.streams.delete(stream));
    // That a reader has gone away is not worth a log line.
    stream.on('error', () => undefined);
    try {
      await this.feed(stream, watcher);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    return stream;
  }

  /** Streams that are open. */
  get count(): number {
    return this.streams.size;
  }

  /** Ends all streams before the server closes, which waits until each request has its whole answer. */
  onModuleDestroy(): void {
    this.stopping = true;
    for (const stream of this.streams.keys()) stream.end();
  }

  private isFullFor({ storeId, name }: TailWatcher): boolean {
    const ofStore = [...this.streams.values()].filter((other) => other.storeId === storeId);
    const ofWatcher = ofStore.filter((other) => other.name === name);
    return (
      this.streams.size >= STREAMS_MAX ||
      ofStore.length >= STREAMS_PER_STORE_MAX ||
      ofWatcher.length >= STREAMS_PER_WATCHER_MAX
    );
  }

  private async feed(stream: EventStream, { storeId, resumeMs, render, confirm }: TailWatcher): Promise<void> {
    const tail = this.tails.get(storeId) ?? new StoreTail(this.changesOf(storeId), this.nowMs, this.lookFailed);
    this.tails.set(storeId, tail);
    let sent = Promise.resolve();
    const send = (deliveries: readonly DeliveryRow[], atMs: number): void => {
      if (deliveries.length === 0) return;
      sent = sent
        .then(confirm)
        .then(() => {
          for (const delivery of deliveries) {
            const data = render(delivery);
            if (data !== null) stream.event('delivery', data, String(atMs));
          }
        })
        .catch(() => stream.end());
    };
    const heartbeat = setInterval(() => {
      stream.comment('alive');
      confirm().catch(() => stream.end());
    }, HEARTBEAT_MS);
    stream.once('close', () => {
      clearInterval(heartbeat);
      tail.remove(send);
      if (tail.isIdle && this.tails.get(storeId) === tail) this.tails.delete(storeId);
    });
    await tail.add(send);
    if (resumeMs !== null) {
      const nowMs = this.nowMs();
      const sinceMs = Math.min(Math.max(resumeMs, nowMs - RESUME_MS_MAX), nowMs);
      send(await this.changesOf(storeId).look(sinceMs), nowMs);
    }
  }
}
