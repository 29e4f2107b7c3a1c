import { readFile } from 'node:fs/promises';

const KB_PER_MB = 1_024;

/** What API and worker have resident, in MB; null where the system does not tell. */
export interface ResidentMb {
  readonly API: number | null;
  readonly worker: number | null;
}

/** The memory that API and worker have resident now (proc_pid_status(5)). */
export async function residentMb(pids: Readonly<Record<string, number>>): Promise<ResidentMb> {
  const [api, worker] = await Promise.all(['API', 'worker'].map((part) => statusMb(pids[part] ?? 0, 'VmRSS')));
  return { API: api ?? null, worker: worker ?? null };
}

/** The most memory that a process has ever had resident. @returns MB, or null where the system does not tell */
export function peakResidentMb(pid: number): Promise<number | null> {
  return statusMb(pid, 'VmHWM');
}

async function statusMb(pid: number, line: 'VmRSS' | 'VmHWM'): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kb === undefined ? null : Number(kb) / KB_PER_MB;
}
