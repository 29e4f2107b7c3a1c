import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChaosBackend } from '../../apps/cli/src/chaos/queue-under-test';
import type { ChaosReport } from '../../apps/cli/src/chaos/run-chaos';
import type { FaultResult } from '../../apps/cli/src/chaos/run-fault';
import { type ProcessEnd, SignpostProcess } from '../support/signpost-process';

/** Each strikes once or twice; `npm run chaos` is the long form, has more faults, and has each of them on both queues. */
interface ShortRun {
  readonly backend: ChaosBackend;
  readonly faults: readonly string[];
}

const SHORT_RUNS: readonly ShortRun[] = [
  { backend: 'redis', faults: ['worker-kill', 'api-kill-before-enqueue', 'flush', 'redis-down'] },
  { backend: 'postgres', faults: ['worker-kill', 'api-kill-before-enqueue', 'flush', 'postgres-down'] },
  { backend: 'redis', faults: ['postgres-down', 'network', 'worker-freeze', 'stop'] },
];

interface ShortRunEnd extends ProcessEnd {
  readonly results: readonly FaultResult[];
}

async function run({ backend, faults }: ShortRun, file: string): Promise<ShortRunEnd> {
  const bounds = ['--fault', faults.join(','), '--seconds', '1', '--rate', '25', '--json', file];
  const end = await SignpostProcess.run(['chaos', '--backend', backend, ...bounds], {});
  const report = JSON.parse(await readFile(file, 'utf8').catch(() => '{"backends":[]}')) as ChaosReport;
  return { ...end, results: report.backends.flatMap((one) => one.faults) };
}

describe('signpost chaos', () => {
  let directory: string;
  let ends: readonly ShortRunEnd[];

  beforeAll(async () => {
    await SignpostProcess.prepare();
    directory = await mkdtemp(join(tmpdir(), 'signpost-chaos-spec-'));
    // Mostly they wait for leases to lapse: side by side they take little longer than one.
    ends = await Promise.all(SHORT_RUNS.map((one, n) => run(one, join(directory, `${n}.json`))));
  }, 400_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  describe.each(SHORT_RUNS.map((one, n) => ({ ...one, n })))('with jobs in $backend: $faults', ({ faults, n }) => {
    it('strikes with each fault while events are accepted', () => {
      const { stderr, results = [] } = ends[n] ?? {};
      expect(stderr).toBe('');
      expect(results.map(({ name }) => name).toSorted()).toEqual(faults.toSorted());
      for (const { times, accepted } of results) expect(Math.min(times, accepted)).toBeGreaterThan(0);
    });

    // How soon all has arrived depends on how busy this machine is; the command alone judges that.
    it.each(faults)('loses nothing, has nothing stuck, and repeats only what was in flight: %s', (name) => {
      const result = ends[n]?.results.find((one) => one.name === name);
      expect(result).toMatchObject({ lost: 0, broken: [], arrived: result?.accepted });
      expect(result?.duplicated).toBeLessThanOrEqual(result?.duplicatedMax ?? -1);
    });
  });

  it('answers every publisher while PostgreSQL is away, and tells each when to come again', () => {
    const outages = ends.flatMap(({ results }) => results.filter(({ name }) => name === 'postgres-down'));
    expect(outages).toHaveLength(2);
    for (const { refusals, breaks } of outages) {
      expect(Object.keys(refusals)).toEqual(['503']);
      expect(breaks).toEqual({});
    }
  });
});
