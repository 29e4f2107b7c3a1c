import { OTHER_WORK } from './cpu-use';
import { isFlawless, renderReport } from './render-report';
import type { BackendReport, BenchReport } from './run-bench';
import type { ScenarioResult } from './run-scenario';

const LATENCIES = { count: 1_000, p50Ms: 9.94, p99Ms: 212.3, maxMs: 300 };

function result(changes: Partial<ScenarioResult> = {}): ScenarioResult {
  return {
    name: 'full',
    title: 'full load',
    accepted: 30_000,
    acceptedPerSecond: 3_100.4,
    refusals: {},
    recorded: 30_000,
    recordedPerSecond: 3_000,
    missing: 0,
    duplicates: 0,
    sentToAccepted: LATENCIES,
    acceptedToReceived: LATENCIES,
    sentToReceived: LATENCIES,
    coresBusy: { API: 0.5, [OTHER_WORK]: 0.02 },
    ...changes,
  };
}

function report(scenarios: readonly ScenarioResult[], more: Partial<BackendReport> = {}): BenchReport {
  const bareLoop = { before: 11_000, after: 13_000, mean: 12_000 };
  const machine = {
    cpu: 'Processor',
    cores: 2,
    memoryGb: 4,
    platform: 'linux x64',
    node: '20.19.0',
    diskIsMemory: false,
  };
  return {
    startedAt: '2026-05-01T12:34:56.000Z',
    machine,
    backends: [
      { backend: 'redis', versions: ['PostgreSQL 18.4', 'Redis 7.0'], bareLoop, scenarios, complaints: [], ...more },
    ],
  };
}

function rendered(scenarios: readonly ScenarioResult[], more: Partial<BackendReport> = {}): string {
  return renderReport(report(scenarios, more)).join('\n');
}

describe('renderReport', () => {
  it('names the machine, and shows what was reached beside the yardstick', () => {
    const text = rendered([result()]);
    expect(text).toContain(
      '2026-05-01 12:34 UTC, 2 × Processor, 4 GB, linux x64, Node.js 20.19.0, PostgreSQL 18.4, Redis 7.0.',
    );
    expect(text).toMatch(/\| full load +\| Redis +\| +3,100 \| +3,000 \| +12,000 \| +0\.25 \|/);
    expect(text).toMatch(/\| full load +\| Redis +\| +9\.9 \| +212 \|/);
  });

  it('says whether the promises of Redis were kept', () => {
    const steady = result({ name: 'steady' });
    expect(rendered([steady, result()]).match(/^- kept: /gm)).toHaveLength(2);
    const slow = { ...LATENCIES, p50Ms: 15 };
    const missed = rendered([{ ...steady, acceptedToReceived: slow }, result({ recordedPerSecond: 2_399 })]);
    expect(missed.match(/^- MISSED: /gm)).toHaveLength(2);
  });

  it('says how much of the machine other work took', () => {
    expect(rendered([result()])).not.toContain('Other work');
    expect(rendered([result({ coresBusy: { [OTHER_WORK]: 0.84 } })])).toContain(
      'Other work took up to 0.8 of the 2 processors',
    );
  });

  it('shows what API and worker complained of', () => {
    expect(rendered([result()], { complaints: ['{"level":40,"msg":"The sweep failed."}'] })).toContain(
      'The sweep failed.',
    );
  });
});

describe('isFlawless', () => {
  it.each([{ missing: 1 }, { duplicates: 1 }, { refusals: { '503': 2 } }])('is false of a run with %j', (trouble) => {
    expect(isFlawless(report([result()]))).toBe(true);
    expect(isFlawless(report([result(), result(trouble)]))).toBe(false);
    expect(rendered([result(trouble)])).not.toContain('none was sent twice');
  });
});
