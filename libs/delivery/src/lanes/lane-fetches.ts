import type { WebhookId } from '@signpost/domain';
import type { Lane } from './lane';

/** How many fetches are under way at once: they share the connections to PostgreSQL with fan-outs, records and heartbeats. */
const UNDER_WAY_MAX = 4;

/** Fetches due deliveries for lanes that have room again. */
export class LaneFetches {
  private readonly queue = new Set<Lane>();
  private running = 0;
  private stopped = false;
  private idleWaiters: (() => void)[] = [];

  /**
   * @param fetch - fetches due deliveries of a webhook; it never rejects
   * @param roomOf - how many deliveries a lane may take now
   */
  constructor(
    private readonly fetch: (webhookId: WebhookId) => Promise<void>,
    private readonly roomOf: (lane: Lane) => number,
  ) {}

  /** Fetches for a lane that expects more due deliveries, if it has enough room to be worth a round trip. */
  consider(lane: Lane): void {
    if (!lane.moreDue || lane.fetching || this.stopped) return;
    const room = this.roomOf(lane);
    if (room === 0 || room * 2 < lane.queued) return;
    if (this.running >= UNDER_WAY_MAX) {
      this.queue.add(lane);
      return;
    }
    this.queue.delete(lane);
    this.running += 1;
    lane.moreDue = false;
    lane.fetching = true;
    void this.fetch(lane.webhookId).finally(() => this.end(lane));
  }

  /** Begins no more fetches, and resolves when none is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    while (this.running > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  private end(lane: Lane): void {
    lane.fetching = false;
    this.running -= 1;
    if (this.running === 0) for (const resolve of this.idleWaiters.splice(0)) resolve();
    for (const next of this.queue) {
      if (this.running >= UNDER_WAY_MAX) break;
      this.queue.delete(next);
      this.consider(next);
    }
    this.consider(lane);
  }
}
