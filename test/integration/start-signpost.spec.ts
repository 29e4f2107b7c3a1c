import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** A project of the same shape without dependencies; its "build" counts itself and copies the one source. */
const BUILD = `
const { appendFileSync, copyFileSync, mkdirSync, rmSync } = require('node:fs');
appendFileSync('builds', 'x');
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist/apps/cli/src', { recursive: true });
copyFileSync('apps/cli/src/main.js', 'dist/apps/cli/src/main.js');
`;

/** Says what it got; `wait` waits for signals and tells them, and ends when its input ends. */
const MAIN = `
const [command, code] = process.argv.slice(2);
if (command === 'wait') {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log(signal); process.stdin.resume(); });
  const waiting = setInterval(() => {}, 60_000);
  process.stdin.on('end', () => { clearInterval(waiting); process.exitCode = 7; });
  console.log('waiting');
} else {
  console.log(JSON.stringify(process.argv.slice(2)));
  process.exitCode = Number(code ?? 0);
}
`;

describe('bin/signpost.mjs', () => {
  let project: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), 'signpost-start-'));
    await cp(resolve(__dirname, '../../bin'), join(project, 'bin'), { recursive: true });
    await mkdir(join(project, 'apps/cli/src'), { recursive: true });
    await mkdir(join(project, 'node_modules'));
    const manifest = { name: 'project', version: '1.0.0', private: true, scripts: { build: 'node build.cjs' } };
    await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(project, 'build.cjs'), BUILD);
    await writeFile(join(project, 'apps/cli/src/main.js'), MAIN);
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(project, { recursive: true, force: true });
  });

  function spawnSignpost(args: readonly string[], script = 'bin/signpost.mjs') {
    // In a session of its own, away from the terminal that the tests may have been started in.
    const child = spawn(process.execPath, [script, ...args], {
      cwd: project,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  }

  async function run(args: readonly string[], script?: string) {
    const child = spawnSignpost(args, script);
    child.stdin.end();
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number]>,
    ]);
    return { stdout, stderr, exitCode };
  }

  const builds = async () => (await readFile(join(project, 'builds'), 'utf8')).length;

  it('installs and builds what is missing, then passes on arguments, output and exit code', async () => {
    const { stdout, stderr, exitCode } = await run(['fail', '5']);

    expect({ stdout, exitCode }).toEqual({ stdout: '["fail","5"]\n', exitCode: 5 });
    expect(stderr).toContain('Installing dependencies');
    expect(stderr).toContain('Building');
  });

  it('starts at once when nothing has changed, and says nothing of its own', async () => {
    await run([]);

    const second = await run(['again']);

    expect(second).toEqual({ stdout: '["again"]\n', stderr: '', exitCode: 0 });
    expect(await builds()).toBe(1);
  });

  it('builds again when a source has changed, but not for a test', async () => {
    await run([]);
    await writeFile(join(project, 'apps/cli/src/main.spec.ts'), '// A test.');
    await run([]);
    expect(await builds()).toBe(1);

    await writeFile(join(project, 'apps/cli/src/main.js'), `console.log('changed');`);

    expect((await run([])).stdout).toBe('changed\n');
    expect(await builds()).toBe(2);
  });

  it('runs nothing when the build fails, and builds again the next time', async () => {
    await writeFile(join(project, 'build.cjs'), 'process.exitCode = 3;');
    expect(await run([])).toMatchObject({ stdout: '', exitCode: 3 });

    await writeFile(join(project, 'build.cjs'), BUILD);

    expect(await run([])).toMatchObject({ stdout: '[]\n', exitCode: 0 });
  });

  it('builds once for two starts at the same time', async () => {
    const outcomes = await Promise.all([run(['one']), run(['two'])]);

    expect(outcomes.map(({ stdout }) => stdout)).toEqual(['["one"]\n', '["two"]\n']);
    expect(await builds()).toBe(1);
  });

  it('takes over the lock of a process that was killed, even when another one has its number now', async () => {
    await mkdir(join(project, '.cache'));
    const stale = { pid: process.pid, started: 'another boot/1', id: 'x' };
    await writeFile(join(project, '.cache/prepare.lock'), JSON.stringify(stale));

    expect(await run([])).toMatchObject({ stdout: '[]\n', exitCode: 0 });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on once and waits for the end of the command', async (signal) => {
    await run([]);
    const child = spawnSignpost(['wait']);
    const output = text(child.stdout);
    await once(child.stdout, 'data');

    child.kill(signal);
    child.kill(signal);
    await once(child.stdout, 'data');
    child.stdin.end();

    expect(await once(child, 'exit')).toEqual([7, null]);
    expect(await output).toBe(`waiting\n${signal}\n`);
  });

  it('bin/up.mjs is the command "up"', async () => {
    expect((await run(['--flag'], 'bin/up.mjs')).stdout).toBe('["up","--flag"]\n');
  });
});
