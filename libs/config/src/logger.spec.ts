import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** Logs a line, says so once it was written or could not be, and ends at a word from its parent, with a last line. */
const PROGRAM = `
  const { createLogger } = require(${JSON.stringify(join(__dirname, 'logger.ts'))});
  const logger = createLogger('test', 'info');
  logger.info('first');
  require('node:fs').write(1, '', () => process.send('tried'));
  process.once('message', () => {
    logger.info('last');
    // At once, as run-process.ts ends: nothing that waits to be written is waited for.
    process.exit(0);
  });`;

/** With one thread for files, what was to be written first has been tried first. */
function start(stdout: number | 'pipe'): ChildProcess {
  return spawn(process.execPath, ['-r', 'esbuild-register', '-e', PROGRAM], {
    stdio: ['ignore', stdout, 'ignore', 'ipc'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  });
}

describe('the log of a process', () => {
  let child: ChildProcess;

  afterEach(() => child.kill('SIGKILL'));

  it('keeps nobody from work, and from an end, when it cannot be written', async () => {
    // Open for reading alone: whatever is written there fails, as on a disk that is full.
    const unwritable = openSync(__filename, 'r');
    child = start(unwritable);
    closeSync(unwritable);
    const exited = once(child, 'exit');
    expect(await Promise.race([once(child, 'message'), exited])).toEqual(['tried', undefined]);
    child.send('end');
    expect(await exited).toEqual([0, null]);
  });

  it('has its last line when the process ends at once', async () => {
    child = start('pipe');
    const lines: string[] = [];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    await once(child, 'message');
    child.send('end');
    await once(child, 'close');
    const messages = lines
      .join('')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages).toEqual(['first', 'last']);
  });
});
