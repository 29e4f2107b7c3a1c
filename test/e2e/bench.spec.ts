import { chmod, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchReport } from '../../apps/cli/src/bench/run-bench';
import type { ScenarioResult } from '../../apps/cli/src/bench/run-scenario';
import { SignpostProcess } from '../support/signpost-process';

/** Processes that work in this directory, or were told to keep their temporary files there. */
async function processesOf(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const belongs = async (pid: string): Promise<boolean> => {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const workingDirectory = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    return environment.includes(`TMPDIR=${directory}`) || workingDirectory.startsWith(directory);
  };
  const found = await Promise.all(pids.map(async (pid) => ((await belongs(pid)) ? [pid] : [])));
  return found.flat();
}

/** Resolves when nothing is left of a benchmark that kept its files there; else the test times out. */
async function untilNothingIsLeft(directory: string): Promise<void> {
  while ((await readdir(directory)).length > 0 || (await processesOf(directory)).length > 0) await delay(50);
}

describe('signpost bench', () => {
  let directory: string;

  beforeAll(() => SignpostProcess.prepare());
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signpost-bench-test-'));
    // When a run belongs to root, PostgreSQL's account must be able to pass through.
    await chmod(directory, 0o711);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const start = (...args: string[]): SignpostProcess =>
    SignpostProcess.start(['bench', ...args], { TMPDIR: directory });

  it.each(['postgres', 'redis'])(
    'measures on %s, loses nothing, sends nothing twice, and leaves nothing behind',
    async (backend) => {
      const json = `${directory}.json`;
      const bench = start('--backend', backend, '--seconds', '0.2', '--json', json);

      const { exitCode, stdout, stderr } = await bench.end;

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain('Recorded ÷ bare loop');
      const report = JSON.parse(await readFile(json, 'utf8')) as BenchReport;
      await rm(json);
      const [found] = report.suites[0]!.backends;
      expect(found).toMatchObject({ backend, complaints: [], findings: { troubles: [] } });
      const { scenarios } = found!.findings.figures as { scenarios: readonly ScenarioResult[] };
      for (const scenario of scenarios) {
        expect(scenario).toMatchObject({ missing: 0, duplicates: 0, recorded: scenario.accepted });
        expect(scenario.accepted).toBeGreaterThan(0);
        expect(scenario.sentToReceived.count).toBe(scenario.accepted);
      }
      await untilNothingIsLeft(directory);
    },
  );

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves nothing behind after %s', async (signal) => {
    const bench = start('throughput', '--backend', 'redis');
    await bench.says('redis: full load');
    expect(await processesOf(directory)).not.toEqual([]);

    const { exitCode, stdout } = await bench.stop(signal);

    expect(exitCode).toBe(signal === 'SIGINT' ? 130 : null);
    expect(stdout.includes('everything that was started has ended')).toBe(signal === 'SIGINT');
    await untilNothingIsLeft(directory);
  });

  it('takes no suite that it does not know', async () => {
    expect(await start('wild').end).toMatchObject({ exitCode: 2, stdout: '' });
  });
});
