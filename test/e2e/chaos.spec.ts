import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULTS } from '../../apps/cli/src/chaos/faults';
import { CHAOS_BACKENDS, type ChaosBackend } from '../../apps/cli/src/chaos/queue-under-test';
import type { ChaosReport } from '../../apps/cli/src/chaos/run-chaos';
import type { FaultResult } from '../../apps/cli/src/chaos/run-fault';
import { type ProcessEnd, SignpostProcess } from '../support/signpost-process';

interface ChaosRun {
  readonly end: ProcessEnd;
  readonly results: ReadonlyMap<string, FaultResult>;
}

/** Each of these strikes once or twice; `npm run chaos` is the long form, and has more of them. */
const SHORT_FORM = [
  'worker-kill',
  'api-kill-before-enqueue',
  'flush',
  'redis-down',
  'postgres-down',
  'network',
  'worker-freeze',
  'stop',
];
const SHORT_FAULTS = FAULTS.filter(({ name }) => SHORT_FORM.includes(name));

async function runChaos(backend: ChaosBackend, directory: string): Promise<ChaosRun> {
  const file = join(directory, `${backend}.json`);
  const bounds = ['--fault', SHORT_FORM.join(','), '--seconds', '1', '--rate', '25'];
  const end = await SignpostProcess.run(['chaos', '--backend', backend, ...bounds, '--json', file], {});
  const text = await readFile(file, 'utf8').catch(() => '{"backends":[]}');
  const { backends } = JSON.parse(text) as ChaosReport;
  return { end, results: new Map(backends.flatMap(({ faults }) => faults.map((fault) => [fault.name, fault]))) };
}

describe('signpost chaos', () => {
  let directory: string;
  const runs = new Map<ChaosBackend, ChaosRun>();
  const resultOf = (backend: ChaosBackend, name: string): FaultResult | undefined =>
    runs.get(backend)?.results.get(name);

  beforeAll(async () => {
    await SignpostProcess.prepare();
    directory = await mkdtemp(join(tmpdir(), 'signpost-chaos-spec-'));
    // Mostly they wait for leases to lapse: side by side they take no longer than one.
    await Promise.all(CHAOS_BACKENDS.map(async (backend) => runs.set(backend, await runChaos(backend, directory))));
  }, 400_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  describe.each(CHAOS_BACKENDS)('with jobs in %s', (backend) => {
    it('ends well', () => {
      expect(runs.get(backend)?.end).toMatchObject({ exitCode: 0, stderr: '' });
    });

    it.each(SHORT_FAULTS.filter(({ backends }) => backends.includes(backend)))(
      'loses nothing, repeats only what was in flight, and recovers in time: $title',
      ({ name }) => {
        const result = resultOf(backend, name);
        expect(result).toMatchObject({ lost: 0, broken: [] });
        expect(result?.times).toBeGreaterThan(0);
        expect(result?.accepted).toBeGreaterThan(0);
        expect(result?.arrived).toBe(result?.accepted);
      },
    );

    it('answers every publisher while PostgreSQL is away, and tells each when to come again', () => {
      const result = resultOf(backend, 'postgres-down');
      expect(Object.keys(result?.refusals ?? {})).toEqual(['503']);
      expect(result?.breaks).toEqual({});
    });
  });
});
