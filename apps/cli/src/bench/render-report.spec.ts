import type { Findings } from './findings';
import { isFlawless, renderSuite } from './render-report';
import type { BackendReport, BenchReport } from './run-bench';

const FINDINGS: Findings = {
  figures: {},
  tables: [{ head: ['Throughput', 'Queue', 'per second'], rows: [['full load', 'Redis', '3,000']] }],
  judgements: [
    { kept: true, text: 'the p50 is under 15 ms' },
    { kept: false, text: 'the ratio is at least 0.28' },
  ],
  accounts: ['all 30,000 deliveries are on record'],
  troubles: [],
  otherWork: 0.02,
};

function report(findings: readonly Partial<Findings>[], more: Partial<BackendReport> = {}): BenchReport {
  const machine = {
    cpu: 'Processor',
    cores: 2,
    memoryGb: 4,
    platform: 'linux x64',
    node: '20.19.0',
    diskIsMemory: false,
  };
  const backends = findings.map((changes): BackendReport => ({
    backend: 'redis',
    versions: ['PostgreSQL 18.4', 'Redis 7.0'],
    findings: { ...FINDINGS, ...changes },
    complaints: [],
    ...more,
  }));
  return { startedAt: '2026-05-01T12:34:56.000Z', machine, suites: [{ name: 'full', title: 'Full load', backends }] };
}

function rendered(findings: Partial<Findings>, more: Partial<BackendReport> = {}): string {
  const whole = report([findings], more);
  return renderSuite(whole, whole.suites[0]!).join('\n');
}

describe('renderSuite', () => {
  it('names the machine, and shows the tables, what was promised, and what became of everything', () => {
    const text = rendered({});
    expect(text).toContain(
      '2026-05-01 12:34 UTC, 2 × Processor, 4 GB, linux x64, Node.js 20.19.0, PostgreSQL 18.4, Redis 7.0.',
    );
    expect(text).toContain('| full load  | Redis |      3,000 |');
    expect(text).toContain('- kept: the p50 is under 15 ms.\n- MISSED: the ratio is at least 0.28.');
    expect(text).toContain('- Redis: all 30,000 deliveries are on record.');
  });

  it('makes one table of those of several queues', () => {
    const rows = [['full load', 'PostgreSQL', '2,000']];
    const both = report([{}, { tables: [{ head: ['Throughput', 'Queue', 'per second'], rows }] }]);
    const text = renderSuite(both, both.suites[0]!).join('\n');
    expect(text.match(/\| Throughput/g)).toHaveLength(1);
    expect(text).toMatch(/\| full load +\| Redis .*\n\| full load +\| PostgreSQL/);
  });

  it('says how much of the machine other work took', () => {
    expect(rendered({})).not.toContain('Other work');
    expect(rendered({ otherWork: 0.84 })).toContain('Other work took up to 0.8 of the 2 processors');
  });

  it('shows what API and worker complained of', () => {
    expect(rendered({}, { complaints: ['{"level":40,"msg":"The sweep failed."}'] })).toContain('The sweep failed.');
  });
});

describe('isFlawless', () => {
  it('is false of a run with a trouble, which is told in the place of what went well', () => {
    expect(isFlawless(report([{}]))).toBe(true);
    expect(isFlawless(report([{}, { troubles: ['2 requests were duplicates'] }]))).toBe(false);
    const text = rendered({ troubles: ['2 requests were duplicates'] });
    expect(text).toContain('- Redis: 2 requests were duplicates.');
    expect(text).not.toContain('are on record');
  });
});
