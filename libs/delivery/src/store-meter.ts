import type { StoreId } from '@signpost/domain';

/** How often the meter forgets the stores whose account is empty. */
const FORGET_MS = 2_000;

interface Account {
  readonly amount: number;
  readonly atMs: number;
}

/** How much each store has taken lately. Each amount is put on the store's account; the account empties at a steady rate. */
export class StoreMeter {
  private readonly accounts = new Map<StoreId, Account>();
  private forgotAtMs = -Infinity;

  /** @param monotonicMs - a clock that never goes back */
  constructor(
    private readonly perSecond: number,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /**
   * Puts an amount on a store's account, which holds `max` at most.
   *
   * @returns what the account held before
   */
  add(storeId: StoreId, amount: number, max: number): number {
    const nowMs = this.monotonicMs();
    if (nowMs - this.forgotAtMs > FORGET_MS) this.forget(nowMs);
    const account = this.accounts.get(storeId);
    const before = account === undefined ? 0 : this.left(account, nowMs);
    this.accounts.set(storeId, { amount: Math.min(max, before + amount), atMs: nowMs });
    return before;
  }

  private left({ amount, atMs }: Account, nowMs: number): number {
    return Math.max(0, amount - ((nowMs - atMs) * this.perSecond) / 1_000);
  }

  private forget(nowMs: number): void {
    this.forgotAtMs = nowMs;
    for (const [storeId, account] of this.accounts) if (this.left(account, nowMs) === 0) this.accounts.delete(storeId);
  }
}
