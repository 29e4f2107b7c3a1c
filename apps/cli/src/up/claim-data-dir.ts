import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SignpostError } from '@signpost/domain';
import { readIfThere, replaceFile } from '../local/private-file';
import { isAlive, markProcess, type ProcessMark } from './process-mark';

interface Claim {
  readonly up: ProcessMark;
  readonly services: readonly (ProcessMark & { readonly name: string })[];
}

/** The claim of one `up` to the data directory, as long as it works there. */
export interface DataDirClaim {
  /** Notes a process of this `up`, in case it is killed: the next start waits for noted processes to end, and not for others. */
  note(name: string, pid: number): Promise<void>;
  release(): Promise<void>;
}

const POLL_MS = 50;
const CLAIM_FILE = 'up.json';

export interface ClaimOptions {
  readonly dataDir: string;
  /** How long the processes of a killed `up` may take to end before they are killed. */
  readonly graceMs: number;
  readonly say: (line: string) => void;
}

/**
 * Makes sure that only one `up` works on a data directory. API and worker of a killed `up` end by themselves, and are waited for.
 *
 * @throws SignpostError `conflict` when another `up` is at work
 */
export async function claimDataDir({ dataDir, graceMs, say }: ClaimOptions): Promise<DataDirClaim> {
  const path = join(dataDir, CLAIM_FILE);
  const previous = await readClaim(path);
  if (previous !== undefined) {
    if (await isAlive(previous.up)) {
      const message = `Signpost already runs on ${dataDir} (process ${previous.up.pid}); another SIGNPOST_DATA_DIR makes a second one.`;
      throw new SignpostError('conflict', message);
    }
    await Promise.all(previous.services.map((service) => outlast(service, graceMs, say)));
  }
  const up = await markProcess(process.pid);
  if (up === undefined) throw new Error('This process has no start time.');
  const services = new Map<string, ProcessMark>();
  const write = (): Promise<void> => {
    const claim: Claim = { up, services: [...services].map(([name, mark]) => ({ name, ...mark })) };
    return replaceFile(path, `${JSON.stringify(claim)}\n`);
  };
  await write();
  let lastNote: Promise<unknown> = Promise.resolve();
  return {
    note: async (name, pid) => {
      const mark = await markProcess(pid);
      if (mark === undefined) return;
      services.set(name, mark);
      // One write after the other, so that the last one has every process.
      lastNote = lastNote.then(write).catch(() => undefined);
      await lastNote;
    },
    release: () => rm(path, { force: true }),
  };
}

/** Whether an `up` is at work on a data directory; false when its note cannot be read. */
export async function isClaimed(dataDir: string): Promise<boolean> {
  const claim = await readClaim(join(dataDir, CLAIM_FILE)).catch(() => undefined);
  return claim !== undefined && (await isAlive(claim.up));
}

async function outlast(service: ProcessMark & { name: string }, graceMs: number, say: (line: string) => void) {
  if (!(await isAlive(service))) return;
  say(`The ${service.name} of the last start is still ending (process ${service.pid}).`);
  const lastMs = performance.now() + graceMs;
  while (await isAlive(service)) {
    if (performance.now() > lastMs) process.kill(service.pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}

/** A torn file counts as none. */
async function readClaim(path: string): Promise<Claim | undefined> {
  const text = await readIfThere(path);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Claim);
  } catch {
    return undefined;
  }
}
