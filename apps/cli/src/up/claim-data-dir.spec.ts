import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDataDir } from './claim-data-dir';
import { isAlive, markProcess, type ProcessMark } from './process-mark';

describe('claimDataDir', () => {
  let dataDir: string;
  let said: string[];
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    said = [];
    dataDir = await mkdtemp(join(tmpdir(), 'signpost-claim-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });

  const claim = (graceMs = 10_000) => claimDataDir({ dataDir, graceMs, say: (line) => void said.push(line) });

  /** A process that ends when it is told to on its input; a stubborn one does not even then. */
  async function startProcess(stubborn = false): Promise<{ child: ChildProcess; mark: ProcessMark }> {
    const script = stubborn ? 'setInterval(() => {}, 1000)' : 'process.stdin.resume()';
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(child);
    const mark = await markProcess(child.pid!);
    return { child, mark: mark! };
  }

  async function leaveClaimOf(up: ProcessMark, services: readonly ProcessMark[]): Promise<void> {
    const claimed = { up, services: services.map((mark) => ({ name: 'worker', ...mark })) };
    await writeFile(join(dataDir, 'up.json'), JSON.stringify(claimed));
  }

  /** What is left of a process that was killed. */
  async function deadMark(): Promise<ProcessMark> {
    const { child, mark } = await startProcess();
    child.kill('SIGKILL');
    await once(child, 'exit');
    return mark;
  }

  it('lets one `up` alone work on a data directory', async () => {
    const { mark } = await startProcess();
    await leaveClaimOf(mark, []);
    await expect(claim()).rejects.toThrow(`Signpost already runs on ${dataDir} (process ${mark.pid})`);
  });

  it('ends with its release', async () => {
    const first = await claim();
    await expect(claim()).rejects.toThrow('already runs');
    await first.release();
    expect(await readdir(dataDir)).toEqual([]);
    await (await claim()).release();
  });

  it('is not taken for that of another process with the same number', async () => {
    await leaveClaimOf({ pid: process.pid, started: 'at another time' }, [{ pid: process.pid, started: 'then' }]);
    await expect(claim()).resolves.toBeDefined();
    expect(said).toEqual([]);
  });

  it.each(['', '{"up":'])('takes the torn note %j for none', async (text) => {
    await writeFile(join(dataDir, 'up.json'), text);
    await expect(claim()).resolves.toBeDefined();
  });

  it('waits for what an `up` that was killed left behind', async () => {
    const { child, mark } = await startProcess();
    await leaveClaimOf(await deadMark(), [mark]);
    const claiming = claimDataDir({ dataDir, graceMs: 60_000, say: () => void child.stdin?.end() });
    await expect(claiming).resolves.toBeDefined();
    expect(await isAlive(mark)).toBe(false);
  });

  it('kills what takes longer than its grace period', async () => {
    const { mark } = await startProcess(true);
    await leaveClaimOf(await deadMark(), [mark]);
    await claim(0);
    expect(said).toEqual([`The worker of the last start is still ending (process ${mark.pid}).`]);
    expect(await isAlive(mark)).toBe(false);
  });

  it('notes every process, also several at once', async () => {
    const own = await claim();
    const [api, worker] = [await startProcess(), await startProcess()];
    await Promise.all([own.note('API', api.mark.pid), own.note('worker', worker.mark.pid)]);
    const noted = JSON.parse(await readFile(join(dataDir, 'up.json'), 'utf8'));
    expect(noted.up).toEqual(await markProcess(process.pid));
    expect(new Set(noted.services)).toEqual(
      new Set([
        { name: 'API', ...api.mark },
        { name: 'worker', ...worker.mark },
      ]),
    );
  });
});
