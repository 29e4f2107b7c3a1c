import fc from 'fast-check';
import { DeliverySystem } from './testing/delivery-system';
import type { Fault } from './testing/memory-ledgers';

/** Few attempts, so that some deliveries use all of them up, while others are delivered before. */
const SCHEDULE_MS = [0, 500, 500, 1_000];
/** A request that takes this long outlasts a lease of 4 s. */
const SLOW_MS = 6_000;

const anyStep = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 30 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 3, 50, 700, 6_000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'cut off' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('mend' as const, 'start' as const) }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

const anyAnswer = fc.record({
  statusCode: fc.constantFrom(200, 200, 200, 302, 410, 429, 500),
  afterMs: fc.constantFrom(5, 5, 900, 900, SLOW_MS),
});
const anyWorld = fc.record({
  steps: fc.array(anyStep, { minLength: 3, maxLength: 16 }),
  answers: fc.array(anyAnswer, { minLength: 1, maxLength: 20 }),
  faults: fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'away', 'answer lost'), { minLength: 1 }),
  forgotten: fc.array(fc.boolean(), { minLength: 1 }),
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
let system: DeliverySystem;

beforeEach(() => {
  jest.useFakeTimers();
  system = new DeliverySystem({ scheduleMs: SCHEDULE_MS });
});
afterEach(async () => {
  await system.end();
  jest.useRealTimers();
});

function inTurn<T>(values: readonly T[]): () => T {
  let n = 0;
  return () => values[n++ % values.length] as T;
}

/** @returns how many events were published */
async function take(step: Step): Promise<number> {
  switch (step.kind) {
    case 'publish':
      return system.publish(step.count).length;
    case 'pass':
      await pass(step.ms);
      return 0;
    case 'kill':
      system.kill(step.which % Math.max(1, system.workers.length));
      return 0;
    case 'cut off':
      system.cutOff(step.which % Math.max(1, system.workers.length));
      return 0;
    case 'mend':
      system.mend();
      return 0;
    case 'start':
      // A worker that PostgreSQL does not let begin does not count.
      if (system.workers.length < 4) await system.start().catch(() => undefined);
      return 0;
  }
}

describe('every sequence of outcomes, crashes and lapsed leases', () => {
  it('ends with each delivery delivered or failed, by no more attempts than its schedule has, and with nothing held', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async ({ steps, answers, faults, forgotten }) => {
        await system.end();
        system = new DeliverySystem({ scheduleMs: SCHEDULE_MS });
        await system.start();
        await system.start();
        const nextAnswer = inTurn(answers);
        system.respond = () => nextAnswer();
        system.ledgers.fault = inTurn(faults);
        system.forgets = inTurn(forgotten);
        let published = 0;
        for (const step of steps) published += await take(step);

        // The crashes end. Endpoints give the same answers as before, only faster.
        system.ledgers.fault = () => 'none';
        system.forgets = () => false;
        system.mend();
        system.respond = () => ({ ...nextAnswer(), afterMs: 5 });
        if (system.workers.length === 0) await system.start();
        await pass(90_000);

        const rows = [...system.ledgers.deliveries.values()];
        expect(rows).toHaveLength(published * 2);
        for (const row of rows) {
          expect(['delivered', 'failed']).toContain(row.status);
          expect(row).toMatchObject({ waiting: false, leaseId: null });
          expect(row.attemptsMade).toBeLessThan(SCHEDULE_MS.length);
          if (row.status === 'delivered') expect(system.timesTaken(row.webhookId, row.event.id)).toBeGreaterThan(0);
        }
        expect([system.ledgers.batches.size, system.ledgers.leases.size]).toEqual([0, 0]);
        for (const worker of system.workers) expect(worker.load).toMatchObject({ inFlight: 0, held: 0, unrecorded: 0 });
      }),
      { numRuns: 25 },
    );
  }, 180_000);
});
