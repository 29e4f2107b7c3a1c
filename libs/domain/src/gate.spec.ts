import fc from 'fast-check';
import { CLOSED_BREAKER } from './breaker';
import { decideGate, type GateState, permitsAt } from './gate';

const NOW_MS = 1_000_000;
const OPEN: GateState = {
  breaker: CLOSED_BREAKER,
  permits: 0,
  permitsAtMs: NOW_MS,
  rateLimit: null,
  webhook: 'enabled',
  keyActive: true,
};

const anyWanted = fc.integer({ min: 1, max: 1_000 });
const anyRate = fc.integer({ min: 1, max: 5_000 });
const anyGate: fc.Arbitrary<GateState> = fc.record({
  breaker: fc.record({
    failures: fc.nat(30),
    openings: fc.nat(8),
    openUntilMs: fc.option(fc.integer({ min: NOW_MS - 60_000, max: NOW_MS + 60_000 })),
  }),
  permits: fc.double({ min: -10, max: 1_000, noNaN: true }),
  permitsAtMs: fc.integer({ min: NOW_MS - 10_000, max: NOW_MS + 1_000 }),
  rateLimit: fc.option(anyRate),
  webhook: fc.constantFrom('enabled', 'disabled', 'deleted'),
  keyActive: fc.boolean(),
});

describe('the decision of a gate', () => {
  it('is made for every state, lets no more through than is wanted, and never waits for the past', () => {
    fc.assert(
      fc.property(anyGate, anyWanted, (gate, wanted) => {
        const decision = decideGate(gate, NOW_MS, wanted);
        if (decision.kind === 'pass') {
          expect(decision.limit).toBeGreaterThanOrEqual(1);
          expect(decision.limit).toBeLessThanOrEqual(wanted);
          expect(Number.isInteger(decision.limit)).toBe(true);
        }
        if (decision.kind === 'wait') expect(decision.untilMs).toBeGreaterThan(NOW_MS);
      }),
    );
  });

  it('cancels for a webhook that wants no more, whatever else holds', () => {
    fc.assert(
      fc.property(anyGate, anyWanted, (gate, wanted) => {
        expect(decideGate({ ...gate, webhook: 'deleted' }, NOW_MS, wanted)).toEqual({
          kind: 'cancel',
          errorCode: 'webhook_deleted',
        });
        expect(decideGate({ ...gate, webhook: 'disabled' }, NOW_MS, wanted)).toEqual({
          kind: 'cancel',
          errorCode: 'webhook_disabled',
        });
      }),
    );
  });

  it('holds without an active key, whatever the breaker and the rate say', () => {
    fc.assert(
      fc.property(anyGate, anyWanted, (gate, wanted) => {
        expect(decideGate({ ...gate, webhook: 'enabled', keyActive: false }, NOW_MS, wanted)).toEqual({ kind: 'hold' });
      }),
    );
  });

  it('waits for the end of the breaker, and then lets one probe through, also of a limited webhook', () => {
    fc.assert(
      fc.property(anyGate, anyWanted, fc.integer({ min: 1, max: 60_000 }), (gate, wanted, openForMs) => {
        const untilMs = NOW_MS + openForMs;
        const open: GateState = {
          ...gate,
          webhook: 'enabled',
          keyActive: true,
          breaker: { ...gate.breaker, openUntilMs: untilMs },
        };
        expect(decideGate(open, NOW_MS, wanted)).toEqual({ kind: 'wait', untilMs });
        expect(decideGate(open, untilMs, wanted)).toEqual({ kind: 'probe' });
      }),
    );
  });

  it('lets everything through where nothing limits it', () => {
    expect(decideGate(OPEN, NOW_MS, 500)).toEqual({ kind: 'pass', limit: 500 });
  });
});

describe('the rate limit of a gate', () => {
  interface Taken {
    readonly atMs: number;
    readonly count: number;
  }

  /** Claims one after the other, each so many milliseconds after the one before; each takes all it may, or less. */
  function claimAll(rateLimit: number, claims: readonly { afterMs: number; wanted: number; part: number }[]): Taken[] {
    let gate: GateState = { ...OPEN, rateLimit, permits: 0, permitsAtMs: NOW_MS - 3_600_000 };
    let nowMs = NOW_MS;
    return claims.map(({ afterMs, wanted, part }) => {
      nowMs += afterMs;
      const decision = decideGate(gate, nowMs, wanted);
      const count = decision.kind === 'pass' ? Math.floor(decision.limit * part) : 0;
      gate = { ...gate, permits: permitsAt(gate, nowMs) - count, permitsAtMs: nowMs };
      return { atMs: nowMs, count };
    });
  }

  const burstOf = (rateLimit: number): number => 1 + rateLimit * 0.4;

  it('is never exceeded over any window, beyond one request and two fifths of a second that may be saved up', () => {
    const anyClaim = fc.record({
      afterMs: fc.integer({ min: 0, max: 700 }),
      wanted: anyWanted,
      part: fc.constantFrom(0, 0.5, 1, 1),
    });
    fc.assert(
      fc.property(anyRate, fc.array(anyClaim, { maxLength: 40 }), (rateLimit, claims) => {
        const taken = claimAll(rateLimit, claims);
        taken.forEach((first, start) => {
          let sum = 0;
          for (const { atMs, count } of taken.slice(start)) {
            sum += count;
            const allowed = ((atMs - first.atMs) / 1000) * rateLimit + burstOf(rateLimit);
            expect(sum).toBeLessThanOrEqual(allowed + 1e-6);
          }
        });
      }),
    );
  });

  it('is used up by whoever comes back when told to', () => {
    fc.assert(
      fc.property(anyRate, (rateLimit) => {
        let gate: GateState = { ...OPEN, rateLimit };
        let nowMs = NOW_MS;
        let sum = 0;
        while (nowMs < NOW_MS + 10_000) {
          const decision = decideGate(gate, nowMs, 1_000);
          if (decision.kind === 'wait') {
            nowMs = decision.untilMs;
            // Who comes when told to is not sent away again.
            expect(decideGate(gate, nowMs, 1_000).kind).toBe('pass');
            continue;
          }
          const count = decision.kind === 'pass' ? decision.limit : 0;
          sum += count;
          gate = { ...gate, permits: permitsAt(gate, nowMs) - count, permitsAtMs: nowMs };
        }
        // A wait ends with a whole millisecond and a claim takes whole deliveries; nothing else is lost.
        expect(sum).toBeGreaterThanOrEqual(rateLimit * 10 * 0.97 - burstOf(rateLimit) - 1);
      }),
    );
  });

  it('gathers nothing from a clock that goes back', () => {
    fc.assert(
      fc.property(anyRate, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(10_000), (rateLimit, permits, backMs) => {
        const at = permitsAt({ rateLimit, permits, permitsAtMs: NOW_MS }, NOW_MS - backMs);
        expect(at).toBe(permits);
      }),
    );
  });

  it('counts nothing for a webhook without one', () => {
    expect(permitsAt({ rateLimit: null, permits: 7, permitsAtMs: 0 }, NOW_MS)).toBe(0);
  });
});
