import type { DeliveryRow } from '@signpost/database';
import type { RecentChanges } from './recent-changes';

/** How often a store that somebody watches is looked at. */
const LOOK_EVERY_MS = 1_000;

/** @param atMs the time up to which the listener has now heard of everything */
export type TailListener = (deliveries: readonly DeliveryRow[], atMs: number) => void;

/** Looks at one store for all who watch it, and only while somebody does. */
export class StoreTail {
  private readonly listeners = new Set<TailListener>();
  private timer: NodeJS.Timeout | null = null;
  private primed: Promise<unknown> | null = null;

  /**
   * @param nowMs by PostgreSQL's clock
   * @param lookFailed hears of looks that failed; another follows
   */
  constructor(
    private readonly changes: RecentChanges,
    private readonly nowMs: () => number,
    private readonly lookFailed: (error: unknown) => void,
  ) {}

  /** Resolves when the listener will hear of everything that changes from now on. @throws when the database is away */
  async add(listener: TailListener): Promise<void> {
    this.listeners.add(listener);
    try {
      // The first look has nothing to compare with: its result is not sent.
      await (this.primed ??= this.changes.look(this.nowMs()));
    } catch (error) {
      this.remove(listener);
      throw error;
    }
    if (this.listeners.size > 0) this.timer ??= setTimeout(() => void this.look(), LOOK_EVERY_MS);
  }

  remove(listener: TailListener): void {
    this.listeners.delete(listener);
    if (!this.isIdle) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.primed = null;
  }

  get isIdle(): boolean {
    return this.listeners.size === 0;
  }

  private async look(): Promise<void> {
    const atMs = this.nowMs();
    try {
      const changed = await this.changes.look(atMs);
      for (const listener of this.listeners) listener(changed, atMs);
    } catch (error) {
      this.lookFailed(error);
    }
    this.timer = this.isIdle ? null : setTimeout(() => void this.look(), LOOK_EVERY_MS);
  }
}
