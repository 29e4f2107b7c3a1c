import fc from 'fast-check';
import {
  afterFailure,
  breakerPhase,
  CLOSED_BREAKER,
  DEFAULT_BREAKER_POLICY,
  type BreakerPolicy,
  type BreakerState,
} from './breaker';

const NOW_MS = 1_000_000;

function fail(times: number, policy: BreakerPolicy, state = CLOSED_BREAKER, nowMs = NOW_MS): BreakerState {
  let current = state;
  for (let i = 0; i < times; i += 1) current = afterFailure(current, nowMs, policy);
  return current;
}

const anyPolicy = fc.record({
  threshold: fc.integer({ min: 1, max: 20 }),
  firstOpenMs: fc.integer({ min: 1, max: 60_000 }),
  maxOpenMs: fc.integer({ min: 60_000, max: 3_600_000 }),
});

describe('the circuit breaker', () => {
  it('stays closed below the threshold and opens at it', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(fail(policy.threshold - 1, policy).openUntilMs).toBeNull();
        expect(fail(policy.threshold, policy).openUntilMs).toBe(NOW_MS + policy.firstOpenMs);
      }),
    );
  });

  it('by default opens after 10 failures for 5 s, then 10 s, and never for more than 5 min', () => {
    let state = fail(9, DEFAULT_BREAKER_POLICY);
    const openMs: number[] = [];
    for (let probe = 0; probe < 9; probe += 1) {
      const nowMs = state.openUntilMs ?? NOW_MS;
      state = afterFailure(state, nowMs, DEFAULT_BREAKER_POLICY);
      openMs.push((state.openUntilMs ?? 0) - nowMs);
    }
    expect(openMs).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  it('opens once for all the attempts that were in flight when it opened', () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 0, max: 500 }), (policy, more) => {
        const opened = fail(policy.threshold, policy);
        const after = fail(more, policy, opened, NOW_MS + policy.firstOpenMs - 1);
        expect(after).toEqual({ ...opened, failures: policy.threshold + more });
      }),
    );
  });

  it('lets attempts go when closed, none when open, and one when the time is up', () => {
    const opened = fail(10, DEFAULT_BREAKER_POLICY);
    expect(breakerPhase(CLOSED_BREAKER, NOW_MS)).toBe('closed');
    expect(breakerPhase(opened, NOW_MS + 4_999)).toBe('open');
    expect(breakerPhase(opened, NOW_MS + 5_000)).toBe('probing');
  });

  it('never stays open for longer than the cap, never shortens a wait, and survives any number of failures', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 200 }), (policy, pausesMs) => {
        let state = CLOSED_BREAKER;
        let nowMs = NOW_MS;
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          const next = afterFailure(state, nowMs, policy);
          expect((next.openUntilMs ?? 0) - nowMs).toBeLessThanOrEqual(policy.maxOpenMs);
          expect(next.openUntilMs ?? 0).toBeGreaterThanOrEqual(state.openUntilMs ?? 0);
          expect(next.failures).toBe(state.failures + 1);
          state = next;
        }
      }),
    );
    const stored = { failures: 5_000, openings: 5_000, openUntilMs: NOW_MS };
    expect(afterFailure(stored, NOW_MS, DEFAULT_BREAKER_POLICY).openUntilMs).toBe(NOW_MS + 300_000);
  });
});
