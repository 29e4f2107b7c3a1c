import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;

/**
 * Runs `work` while no other process of this machine holds the lock file. Takes over the lock of a process that has died, even if another
 * process has got its number since. `onWait` is called once, with the number of the process that is waited for.
 */
export async function withLock(path, work, onWait) {
  const mine = JSON.stringify({
    pid: process.pid,
    started: startMark(process.pid),
    id: randomBytes(8).toString('hex'),
  });
  await acquire(path, mine, onWait);
  try {
    return await work();
  } finally {
    if (read(path) === mine) rmSync(path, { force: true });
  }
}

async function acquire(path, mine, onWait) {
  const candidate = `${path}.${randomBytes(4).toString('hex')}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(candidate, mine);
  try {
    for (let waited = false; !tryLink(candidate, path);) {
      const text = readFileIfAny(path);
      // The lock was released since the attempt.
      if (text === undefined) continue;
      const holder = parse(text);
      if (holder === undefined || !isHolderAlive(holder)) {
        removeStale(path, text);
        continue;
      }
      if (!waited) onWait(holder.pid);
      waited = true;
      await delay(POLL_MS);
    }
  } finally {
    rmSync(candidate, { force: true });
  }
}

/** Makes the lock by a link, which appears with its content at once, or not at all when another process holds the lock. */
function tryLink(candidate, path) {
  try {
    linkSync(candidate, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two waiting processes may see the same stale lock: the slower one must not remove the lock that the faster one holds by then. */
function removeStale(path, staleText) {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== staleText) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function isHolderAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  return startMark(pid) === started;
}

/** When a process started, in the system's own units: tells it from an earlier process with the same number. Empty if unknown. */
function startMark(pid) {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return '';
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

function parse(text) {
  try {
    const holder = JSON.parse(text);
    return Number.isInteger(holder?.pid) && holder.pid > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Unlike `read`, fails when the lock may not be read: otherwise this process would wait for ever. */
function readFileIfAny(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
