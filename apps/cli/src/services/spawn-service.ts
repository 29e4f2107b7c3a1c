import { type ChildProcess, spawn } from 'node:child_process';

export interface ServiceSpawn {
  /** What Node.js is to run. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** An open file, to which all that it logs and prints is added. */
  readonly logFd: number;
  /** Options of Node.js itself, beside those that every service gets. */
  readonly nodeOptions?: readonly string[];
}

/** Halves the space in which V8 makes new objects: 30 MB less for 2 % more processor time (docs/benchmarks.md). In MB. */
const NODE_OPTIONS = ['--max-semi-space-size=8'];
/**
 * By default glibc keeps memory that large payloads once took and splits it for small ones, so that it is never given back. In bytes; other
 * C libraries do not know the setting.
 */
const ENV = { MALLOC_MMAP_THRESHOLD_: '131072' };

/** Starts an API or a worker as a process of its own, with a channel whose end tells it that this process is gone. */
export function spawnService({ script, env, logFd, nodeOptions = [] }: ServiceSpawn): ChildProcess {
  return spawn(process.execPath, [...NODE_OPTIONS, ...nodeOptions, script], {
    env: { ...ENV, ...env },
    // In a session of its own, so that Ctrl-C in the terminal reaches this process alone.
    detached: true,
    stdio: ['ignore', logFd, logFd, 'ipc'],
  });
}
