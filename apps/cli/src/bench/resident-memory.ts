import { readFile } from 'node:fs/promises';

const KB_PER_MB = 1_024;

/** The most memory that a process has ever had resident (proc_pid_status(5)). @returns MB, or null where the system does not tell */
export async function peakResidentMb(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kb === undefined ? null : Number(kb) / KB_PER_MB;
}
