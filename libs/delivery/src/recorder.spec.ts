import { type DeliveryId, type LeaseId, SignpostError } from '@signpost/domain';
import fc from 'fast-check';
import { HeldLeases } from './held-leases';
import type { DueWebhook, LeasedDelivery, RecordOutcome, ResultLedger, Settlement } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';
import { Recorder } from './recorder';
import { deferred, leasedDelivery, leaseId, quiet, settlementOf, webhookId } from './testing/deliveries';

const AWAY = new SignpostError('unavailable', 'There is no connection.');
const REFUSAL = new Error('invalid byte sequence');
const DEADLOCK = Object.assign(new Error('deadlock detected'), { code: '40P01' });
const NOTHING: RecordOutcome = { wakes: [], opened: [], disabled: [] };

/** Keeps the recorded and released deliveries. A fault may come before or after a call has taken effect. */
class Ledger implements ResultLedger {
  readonly recorded: DeliveryId[] = [];
  readonly released: DeliveryId[] = [];
  readonly ended: LeaseId[] = [];
  readonly groups: number[] = [];
  readonly repeats: boolean[] = [];
  readonly gates: DueWebhook[][] = [];
  /** The faults of the next calls, in order; a `late` fault comes after the call has taken effect. */
  faults: ({ readonly error: Error; readonly late?: boolean } | null)[] = [];
  /** Deliveries whose values are always refused. */
  readonly poison = new Set<DeliveryId>();
  outcome: RecordOutcome = NOTHING;
  hold: Promise<unknown> = Promise.resolve();
  underWay = 0;
  underWayMost = 0;

  async record(
    settlements: readonly Settlement[],
    ended: readonly LeaseId[],
    isRepeat: boolean,
  ): Promise<RecordOutcome> {
    this.groups.push(settlements.length);
    this.repeats.push(isRepeat);
    return this.call(() => {
      if (settlements.some(({ delivery }) => this.poison.has(delivery.id))) throw REFUSAL;
      for (const { delivery } of settlements) if (!this.recorded.includes(delivery.id)) this.recorded.push(delivery.id);
      this.end(ended);
      return this.outcome;
    });
  }

  async release(
    deliveries: readonly LeasedDelivery[],
    gates: readonly DueWebhook[],
    ended: readonly LeaseId[],
  ): Promise<readonly DueWebhook[]> {
    return this.call(() => {
      for (const { id } of deliveries) if (!this.released.includes(id)) this.released.push(id);
      this.gates.push([...gates]);
      this.end(ended);
      return gates;
    });
  }

  private end(ended: readonly LeaseId[]): void {
    for (const id of ended) if (!this.ended.includes(id)) this.ended.push(id);
  }

  private async call<T>(work: () => T): Promise<T> {
    this.underWay += 1;
    this.underWayMost = Math.max(this.underWayMost, this.underWay);
    await this.hold;
    this.underWay -= 1;
    const fault = this.faults.shift();
    if (fault && fault.late !== true) throw fault.error;
    const result = work();
    if (fault) throw fault.error;
    return result;
  }
}

const queueOf = (addWakes: JobQueue['addWakes']): JobQueue => ({
  addBatches: async () => undefined,
  addWakes,
  addTest: async () => undefined,
  addRetry: async () => undefined,
  addRecovery: async () => undefined,
});

let ledger: Ledger;
let leases: HeldLeases;
let recorder: Recorder;
let wakes: (readonly DueWebhook[])[];
let failures: unknown[];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  ledger = new Ledger();
  leases = new HeldLeases();
  wakes = [];
  failures = [];
  recorder = new Recorder(
    ledger,
    { addWakes: async (added: readonly DueWebhook[]) => wakes.push(added) } as never,
    leases,
    {
      recorded: () => undefined,
      recordFailed: (error) => failures.push(error),
      enqueueFailed: (error) => failures.push(error),
    },
  );
});
afterEach(() => {
  jest.useRealTimers();
});

/** Drains the recorder, and lets the time of its pauses between tries pass. */
async function drain(): Promise<void> {
  let drained = false;
  const draining = recorder.drain().then(() => (drained = true));
  while (!drained) {
    await quiet();
    await jest.advanceTimersByTimeAsync(2_000);
  }
  await draining;
}

function lease(id: number, numbers: readonly number[]): LeasedDelivery[] {
  const deliveries = numbers.map((n) => leasedDelivery(n, { leaseId: leaseId(id), webhookId: webhookId(n % 3) }));
  leases.add(deliveries);
  return deliveries;
}

const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => from + n);

describe('a recorder', () => {
  it('records what ends in the same moment together', async () => {
    for (const delivery of lease(1, range(30))) recorder.add(settlementOf(delivery));
    await drain();
    expect(ledger.groups).toEqual([30]);
  });

  it('collects what comes while it records, for the next group, of bounded size', async () => {
    const held = deferred<undefined>();
    ledger.hold = held.promise;
    const [first, ...rest] = lease(1, range(1_201));
    recorder.add(settlementOf(first!));
    await quiet();
    for (const delivery of rest) recorder.add(settlementOf(delivery));
    expect(recorder.backlog).toBe(1_200);
    held.resolve(undefined);
    await drain();
    expect(ledger.groups).toEqual([1, 500, 500, 200]);
    expect(ledger.underWayMost).toBe(1);
    expect(recorder.backlog).toBe(0);
  });

  it('records group after group without a pause while a full one waits', async () => {
    const held = deferred<undefined>();
    ledger.hold = held.promise;
    for (const delivery of lease(1, range(2_000))) recorder.add(settlementOf(delivery));
    await jest.advanceTimersByTimeAsync(100);
    held.resolve(undefined);
    // No timer has run since.
    await quiet();
    expect(ledger.groups.slice(1)).toEqual([500, 500, 500]);
    await drain();
    expect(ledger.recorded).toHaveLength(2_000);
  });

  it('is full when too much waits, and not when it was taken', async () => {
    const held = deferred<undefined>();
    ledger.hold = held.promise;
    for (const delivery of lease(1, range(5_000))) recorder.add(settlementOf(delivery));
    await quiet();
    expect(recorder.isFull).toBe(true);
    held.resolve(undefined);
    await drain();
    expect(recorder.isFull).toBe(false);
  });

  it('ends a lease with the last of its deliveries, settled or released, and not before', async () => {
    const [a, b, c] = lease(1, range(3)) as [LeasedDelivery, LeasedDelivery, LeasedDelivery];
    recorder.add(settlementOf(a));
    await drain();
    recorder.release([b], 0);
    await drain();
    expect(ledger.ended).toEqual([]);
    expect(leases.ids).toEqual([leaseId(1)]);
    recorder.add(settlementOf(c));
    await drain();
    expect(ledger.ended).toEqual([leaseId(1)]);
    expect(leases.has(leaseId(1))).toBe(false);
  });

  const anyEnd = fc.constantFrom('settled', 'released', 'poison');
  const anyFault = fc.option(fc.record({ error: fc.constantFrom(AWAY, DEADLOCK), late: fc.boolean() }), { freq: 2 });

  it('keeps everything until it is taken, takes it to PostgreSQL once, and ends each lease once, whatever it meets', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyEnd, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
        fc.array(anyFault, { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        async (held, faults, pauses) => {
          Object.assign(ledger, new Ledger(), { faults: [...faults] });
          const deliveries = held.map((ends, n) => lease(n + 1, range(ends.length, n * 10)));
          const settled: DeliveryId[] = [];
          const back: DeliveryId[] = [];
          for (const [n, ends] of held.entries()) {
            for (const [k, end] of ends.entries()) {
              const delivery = deliveries[n]![k]!;
              (end === 'settled' ? settled : back).push(delivery.id);
              if (end === 'poison') ledger.poison.add(delivery.id);
              if (end === 'released') recorder.release([delivery], 0);
              else recorder.add(settlementOf(delivery));
              if (pauses[(n + k) % pauses.length]) await quiet();
            }
          }
          await drain();
          expect([...ledger.recorded].sort()).toEqual(settled.sort());
          expect([...ledger.released].sort()).toEqual(back.sort());
          expect([...ledger.ended].sort()).toEqual(held.map((_, n) => leaseId(n + 1)));
          expect(leases.ids).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tries again while PostgreSQL is away, and says that it repeats what may have been done', async () => {
    ledger.faults = [{ error: AWAY }, { error: AWAY, late: true }, null];
    recorder.add(settlementOf(lease(1, [1])[0]!));
    await drain();
    expect(ledger.repeats).toEqual([false, true, true]);
    expect(failures).toEqual([AWAY, AWAY]);
    expect(ledger.recorded).toHaveLength(1);
  });

  it('says that it repeats also when each is recorded alone: a refusal may come after the results are on disk', async () => {
    ledger.faults = [{ error: REFUSAL, late: true }];
    for (const delivery of lease(1, range(2))) recorder.add(settlementOf(delivery));
    await drain();
    expect(ledger.repeats).toEqual([false, true, true]);
    expect(ledger.recorded).toHaveLength(2);
    expect(ledger.ended).toEqual([leaseId(1)]);
  });

  it('records each of the others when one result is refused, and lets the delivery of that one rest for a minute', async () => {
    const deliveries = lease(1, range(5));
    ledger.poison.add(deliveries[2]!.id);
    for (const delivery of deliveries) recorder.add(settlementOf(delivery));
    await drain();
    expect(ledger.recorded).toHaveLength(4);
    expect(ledger.released).toEqual([deliveries[2]!.id]);
    expect(ledger.gates).toEqual([[{ webhookId: deliveries[2]!.webhookId, delayMs: 60_000 }]]);
  });

  it('goes on when a release is refused; the lease then is one that nobody knows of', async () => {
    ledger.faults = [{ error: REFUSAL }];
    recorder.release(lease(1, [1]), 0);
    await drain();
    expect(leases.ids).toEqual([]);
    recorder.add(settlementOf(lease(2, [2])[0]!));
    await drain();
    expect(ledger.ended).toEqual([leaseId(2)]);
  });

  it('leaves a lease of which one could not be given back to whoever looks for forgotten ones, with what it holds', async () => {
    const deliveries = lease(1, range(3));
    ledger.poison.add(deliveries[0]!.id);
    ledger.faults = [null, null, { error: REFUSAL }];
    for (const delivery of deliveries) recorder.add(settlementOf(delivery));
    await drain();
    expect(ledger.recorded).toHaveLength(2);
    expect([leases.ids, ledger.ended]).toEqual([[], []]);
  });

  it.each(['XX000', '42501'])('keeps a result that is refused for no fault of its own (%s)', async (code) => {
    ledger.faults = [{ error: Object.assign(new Error('not now'), { code }) }];
    for (const delivery of lease(1, range(2))) recorder.add(settlementOf(delivery));
    await drain();
    expect([ledger.groups, ledger.recorded.length, ledger.released]).toEqual([[2, 2], 2, []]);
  });

  it.each(['22021', '23514', '54000'])(
    'tells one that is refused for what it is from the others (%s)',
    async (code) => {
      ledger.faults = [{ error: Object.assign(new Error('never'), { code }) }];
      for (const delivery of lease(1, range(2))) recorder.add(settlementOf(delivery));
      await drain();
      expect(ledger.groups).toEqual([2, 1, 1]);
    },
  );

  it('asks for each webhook to be looked at as soon as the first of its deliveries needs it', async () => {
    const [a, b, c, d] = lease(1, [0, 3, 1, 6]) as [LeasedDelivery, LeasedDelivery, LeasedDelivery, LeasedDelivery];
    recorder.release([a, c], 5_000);
    recorder.release([b], 100);
    recorder.release([d], 5_000);
    await drain();
    expect(ledger.gates).toEqual([
      [
        { webhookId: webhookId(0), delayMs: 100 },
        { webhookId: webhookId(1), delayMs: 5_000 },
      ],
    ]);
    expect(wakes).toEqual(ledger.gates);
  });

  it('adds the wakes of what it recorded, and lives on when the queue is away', async () => {
    ledger.outcome = { ...NOTHING, wakes: [{ webhookId: webhookId(1), delayMs: 7 }] };
    recorder = new Recorder(
      ledger,
      queueOf(() => Promise.reject(AWAY)),
      leases,
      {
        recorded: () => undefined,
        recordFailed: () => undefined,
        enqueueFailed: (error) => failures.push(error),
      },
    );
    recorder.add(settlementOf(lease(1, [1])[0]!));
    await drain();
    expect(failures).toEqual([AWAY]);
    recorder.add(settlementOf(lease(2, [2])[0]!));
    await drain();
    expect(ledger.recorded).toHaveLength(2);
  });

  it('is drained when its wakes are added too, so that a stopping worker takes none of them with it', async () => {
    ledger.outcome = { ...NOTHING, wakes: [{ webhookId: webhookId(1), delayMs: 7 }] };
    const added = deferred<undefined>();
    recorder = new Recorder(
      ledger,
      queueOf(() => added.promise),
      leases,
      { recorded: () => undefined, recordFailed: () => undefined, enqueueFailed: () => undefined },
    );
    recorder.add(settlementOf(lease(1, [1])[0]!));
    let drained = false;
    const draining = recorder.drain().then(() => (drained = true));
    await quiet();
    await jest.advanceTimersByTimeAsync(2_000);
    expect([ledger.recorded.length, drained]).toEqual([1, false]);
    added.resolve(undefined);
    await draining;
  });

  it('still records what was sent under a lease that has lapsed', async () => {
    const [delivery] = lease(1, [1, 2]);
    leases.clear();
    recorder.add(settlementOf(delivery!));
    await drain();
    expect(ledger.recorded).toEqual([delivery!.id]);
  });
});
