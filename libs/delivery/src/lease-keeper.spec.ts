import { type LeaseId, SignpostError, type WorkerId } from '@signpost/domain';
import { LeaseKeeper } from './lease-keeper';
import { LapsedWorkerError, type LeaseLedger } from './ports/delivery-ledger';
import { deferred, leasedDelivery, leaseId } from './testing/deliveries';

const LEASE_MS = 10_000;
const BEAT_MS = LEASE_MS / 4;
const AWAY = new SignpostError('unavailable', 'There is no connection.');

/** Knows which workers' leases stand, and remembers what it was asked. Its clock is an hour ahead. */
class Ledger implements LeaseLedger {
  readonly standing = new Set<WorkerId>();
  readonly registered: WorkerId[] = [];
  readonly freed: { readonly known: readonly LeaseId[]; readonly madeBefore: LeaseId }[] = [];
  readonly retired: WorkerId[] = [];
  away = false;
  takesMs = 10;
  forgotten = 0;

  async heartbeat(workerId: WorkerId): Promise<{ standing: boolean; nowMs: number }> {
    await this.travel();
    return { standing: this.standing.has(workerId), nowMs: this.nowMs() };
  }

  async register(workerId: WorkerId): Promise<{ nowMs: number }> {
    await this.travel();
    this.registered.push(workerId);
    this.standing.add(workerId);
    return { nowMs: this.nowMs() };
  }

  async freeForgotten(_workerId: WorkerId, known: readonly LeaseId[], madeBefore: LeaseId): Promise<number> {
    await this.travel();
    this.freed.push({ known, madeBefore });
    return this.forgotten;
  }

  async retire(workerId: WorkerId): Promise<void> {
    await this.travel();
    this.retired.push(workerId);
  }

  private nowMs(): number {
    return Date.now() - this.takesMs / 2 + 3_600_000;
  }

  private async travel(): Promise<void> {
    const isAway = this.away;
    await new Promise((resolve) => setTimeout(resolve, this.takesMs));
    if (isAway) throw AWAY;
  }
}

let ledger: Ledger;
let heard: string[];
let keeper: LeaseKeeper;
/** For how many milliseconds the process was frozen, while its timers stood still. */
let frozenMs: number;

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(async () => {
  jest.useFakeTimers();
  ledger = new Ledger();
  heard = [];
  frozenMs = 0;
  keeper = new LeaseKeeper(ledger, LEASE_MS, () => performance.now() + frozenMs, {
    heartbeatFailed: (error) => heard.push(error === AWAY ? 'away' : String(error)),
    forgottenFreed: (count) => heard.push(`freed ${count}`),
    lapsed: () => heard.push('lapsed'),
  });
  const started = keeper.start();
  await pass(10);
  await started;
});
afterEach(() => {
  void keeper.stop();
  jest.useRealTimers();
});

const nameOf = async (): Promise<WorkerId> => keeper.leasing(async ({ workerId }) => workerId);

describe('a lease', () => {
  it('stands as long as heartbeats are heard', async () => {
    for (let n = 0; n < 40; n += 1) {
      await pass(BEAT_MS / 2);
      expect(keeper.stands).toBe(true);
    }
    expect(heard).toEqual([]);
  });

  it('outlives two lost heartbeats, and no more than the time of a lease without one', async () => {
    ledger.away = true;
    await pass(2 * BEAT_MS + 100);
    expect(keeper.stands).toBe(true);
    await pass(LEASE_MS);
    expect(keeper.stands).toBe(false);

    ledger.away = false;
    await pass(BEAT_MS + 100);
    expect(keeper.stands).toBe(true);
    expect(heard).not.toContain('lapsed');
  });

  it('counts from when the heartbeat left, not from when its answer came', async () => {
    ledger.takesMs = 4_000;
    await pass(2 * BEAT_MS + 4_000);
    ledger.away = true;
    ledger.takesMs = 10;
    // The last heartbeat that was answered was sent two beats after the start.
    await pass(LEASE_MS - 4_000 + BEAT_MS);
    expect(keeper.stands).toBe(false);
  });

  it('does not stand after the process was frozen, until a heartbeat says that it does', async () => {
    frozenMs = LEASE_MS;
    expect(keeper.stands).toBe(false);
    await pass(BEAT_MS + 10);
    expect(keeper.stands).toBe(true);
    expect(heard).toEqual([]);
  });

  it('that lapsed makes the worker drop everything and start over under another name', async () => {
    const before = await nameOf();
    keeper.held.add([leasedDelivery(1)]);
    frozenMs = LEASE_MS;
    ledger.standing.clear();
    await pass(BEAT_MS + 10);
    expect(heard).toEqual(['lapsed']);
    expect(keeper.stands).toBe(false);
    expect(keeper.held.ids).toEqual([]);
    await pass(10);
    expect(keeper.stands).toBe(true);
    expect(await nameOf()).not.toBe(before);
  });

  it('is renewed once, however many find out that it has lapsed', async () => {
    const before = await nameOf();
    ledger.standing.clear();
    const renewals = [keeper.renew(before), keeper.renew(before)];
    await pass(20);
    renewals.push(keeper.renew(before));
    await Promise.all(renewals);
    await pass(BEAT_MS * 3);
    expect(heard).toEqual(['lapsed']);
    expect(ledger.registered).toHaveLength(2);
  });

  it('is not taken to stand by the answer to a heartbeat under the name of before', async () => {
    const before = await nameOf();
    ledger.takesMs = 1_000;
    await pass(BEAT_MS + 100);
    // A heartbeat for the old name is under way, and its answer will say that the lease stands.
    ledger.takesMs = 5_000;
    const renewal = keeper.renew(before);
    await pass(1_500);
    expect(keeper.stands).toBe(false);
    await pass(5_000);
    await renewal;
    expect(keeper.stands).toBe(true);
  });

  it('is not taken to stand by the answer to a start under the name of before', async () => {
    ledger.takesMs = 1_000;
    const first = keeper.renew(await nameOf());
    ledger.takesMs = 5_000;
    const second = keeper.renew(await nameOf());
    await pass(1_500);
    await first;
    expect(keeper.stands).toBe(false);
    await pass(5_000);
    await second;
    expect(keeper.stands).toBe(true);
  });

  it('comes back by a later heartbeat when starting over failed', async () => {
    ledger.away = true;
    const renewal = keeper.renew(await nameOf());
    await Promise.all([expect(renewal).rejects.toBe(AWAY), pass(100)]);
    ledger.away = false;
    await pass(2 * BEAT_MS + 100);
    expect(keeper.stands).toBe(true);
    expect(ledger.standing.has(await nameOf())).toBe(true);
  });
});

describe('what is leased', () => {
  it('is known as long as its statement may answer, and let go of when the answer was lost', async () => {
    keeper.held.add([leasedDelivery(1)]);
    const answer = deferred<string>();
    let made: LeaseId | undefined;
    const taken = keeper.leasing((lease) => {
      made = lease.leaseId;
      return answer.promise;
    });
    await pass(BEAT_MS + 50);
    expect(ledger.freed.at(-1)?.known).toEqual([leaseId(1), made]);

    answer.reject(AWAY);
    await expect(taken).rejects.toBe(AWAY);
    await pass(BEAT_MS);
    expect(ledger.freed.at(-1)?.known).toEqual([leaseId(1)]);
  });

  it('is let go of in the time of a lease also when the clock of this machine was set back meanwhile', async () => {
    let made: LeaseId | undefined;
    const taken = keeper.leasing((lease) => {
      made = lease.leaseId;
      return Promise.reject(AWAY);
    });
    await expect(taken).rejects.toBe(AWAY);
    await pass(BEAT_MS + 50);
    const youngest = () => ledger.freed.at(-1)!.madeBefore;
    expect(made! < youngest()).toBe(false);

    jest.setSystemTime(Date.now() - 3_600_000);
    await pass(LEASE_MS + BEAT_MS);
    expect(made! < youngest()).toBe(true);
  });

  it('under a name that lapsed before the answer came is not this worker’s', async () => {
    const before = await nameOf();
    const answer = deferred<string>();
    const taken = keeper.leasing(() => answer.promise);
    const renewal = keeper.renew(before);
    await pass(20);
    await renewal;
    answer.resolve('deliveries');
    await expect(taken).rejects.toEqual(new LapsedWorkerError(before));
  });

  it('and forgotten is told of', async () => {
    ledger.forgotten = 3;
    await pass(BEAT_MS + 50);
    expect(heard).toEqual(['freed 3']);
  });
});

describe('the time', () => {
  it('is that of PostgreSQL', async () => {
    expect(keeper.nowMs() - Date.now()).toBeCloseTo(3_600_000, -1);
    await pass(5_000);
    expect(keeper.nowMs() - Date.now()).toBeCloseTo(3_600_000, -1);
  });
});

describe('the end of a worker', () => {
  it('ends its heartbeat and its row', async () => {
    const name = await nameOf();
    const stopped = keeper.stop();
    await pass(10);
    await stopped;
    expect(ledger.retired).toEqual([name]);
    const beats = ledger.freed.length;
    await pass(10 * BEAT_MS);
    expect(ledger.freed).toHaveLength(beats);
  });

  it('is one also while PostgreSQL is away, and a heartbeat under way does not bring it back', async () => {
    ledger.takesMs = 1_000;
    await pass(BEAT_MS);
    ledger.standing.clear();
    ledger.away = true;
    const stopped = keeper.stop();
    await pass(1_500);
    await expect(stopped).resolves.toBeUndefined();
    expect(heard).toEqual(['away']);
    expect(ledger.registered).toHaveLength(1);
  });
});
