import { readFile } from 'node:fs/promises';
import { runProgram } from '../services/run-program';

/** Identifies a process, also against a later one that gets the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, in the system's own words. */
  readonly started: string;
}

/** The mark of a process; nothing when there is none, or only a zombie. */
export async function markProcess(pid: number): Promise<ProcessMark | undefined> {
  const started = process.platform === 'linux' ? await startOnLinux(pid) : await startByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether the very process that was marked still runs. */
export async function isAlive(mark: ProcessMark): Promise<boolean> {
  return (await markProcess(mark.pid))?.started === mark.started;
}

async function startOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the command's name: state is field 3, the start time field 22 (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()}/${fields[19] ?? ''}`;
}

async function startByPs(pid: number): Promise<string | undefined> {
  const { exitCode, output } = await runProgram('/bin/ps', ['-o', 'state=,lstart=', '-p', String(pid)]);
  const [, state, started] = /^(\S+)\s+(.+)$/.exec(output.trim()) ?? [];
  return exitCode !== 0 || state?.startsWith('Z') !== false ? undefined : started;
}
