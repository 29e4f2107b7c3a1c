import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a program may take to end after it was asked to. */
const GRACE_MS = 10_000;
/** How long its output is awaited after its end: processes that it left running may hold the pipe open for ever. */
const LAST_OUTPUT_MS = 2_000;
const HAS_GROUPS = process.platform !== 'win32';

const running = new Set();

/**
 * Runs a command line of the shell, without input, until it ends or its time is up. Then ends the processes that it left running. Once the
 * command has printed `lastWords`, it has ten seconds to end. Resolves to its exit code (128 + n when signal n ended it, 124 when its time
 * was up) and all its output, in order.
 */
export async function runCaptured(command, { timeoutMs, lastWords, ...options }) {
  const child = spawn(command, {
    ...options,
    shell: true,
    // In a process group of its own, which can be ended as a whole.
    detached: HAS_GROUPS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const chunks = [];
  const streams = [child.stdout, child.stderr];
  const saidLastWords = new Promise((resolve) => {
    const keep = (chunk) => {
      chunks.push(chunk);
      if (lastWords !== undefined && chunk.includes(lastWords)) resolve();
    };
    for (const stream of streams) stream.on('data', keep);
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const { exitCode, note = '' } = await endInTime(child, timeoutMs, saidLastWords);
  await Promise.race([closed, delay(LAST_OUTPUT_MS, undefined, { ref: false })]);
  signalGroup(child, 'SIGKILL');
  running.delete(child);
  for (const stream of streams) stream.destroy();
  return { exitCode, output: Buffer.concat(chunks).toString() + note };
}

/** Sends a signal to all running commands. */
export function endAll(signal) {
  for (const child of running) signalGroup(child, signal);
}

async function endInTime(child, timeoutMs, saidLastWords) {
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: 127, note: `It cannot be started: ${error.message}\n` }));
    child.once('exit', (code, signal) => resolve({ exitCode: code ?? 128 + constants.signals[signal] }));
  });
  const over = new AbortController();
  const after = (timeMs, note) => delay(timeMs, { exitCode: 124, note }, { signal: over.signal });
  const timeUp = after(timeoutMs, `It was ended: it took longer than ${timeoutMs / 60_000} minutes.\n`);
  const stuck = saidLastWords.then(() => after(GRACE_MS, 'It was ended: it was done, but did not end by itself.\n'));
  const first = await Promise.race([ended, timeUp, stuck]);
  for (const pending of [timeUp, stuck]) pending.catch(() => undefined);
  over.abort();
  if (first.exitCode === 124 && child.exitCode === null && child.signalCode === null) {
    signalGroup(child, 'SIGTERM');
    await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })]);
  }
  return first;
}

function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(HAS_GROUPS ? -child.pid : child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}
