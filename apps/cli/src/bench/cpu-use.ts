import { readdir, readFile } from 'node:fs/promises';

/** Processor seconds that each part has used so far, by its name; empty where the system does not tell. */
export type CpuSeconds = Readonly<Record<string, number>>;

/** What ran on the machine beside the parts that were asked for. */
export const OTHER_WORK = 'other work';

/** Linux counts in hundredths of a second, whatever the machine (`USER_HZ`). */
const TICKS_PER_SECOND = 100;

interface ProcessCpu {
  readonly parent: number;
  readonly ticks: number;
}

/**
 * Reads how much processor time each part has used. The processes that a part has started are counted with it: PostgreSQL has many.
 *
 * @param parts - the process id of each part
 */
export async function readCpuSeconds(parts: Readonly<Record<string, number>>): Promise<CpuSeconds> {
  if (process.platform !== 'linux') return {};
  const processes = new Map<number, ProcessCpu>();
  for (const name of await readdir('/proc')) {
    const found = /^\d+$/.test(name) ? await readProcess(name) : undefined;
    if (found !== undefined) processes.set(Number(name), found);
  }
  const ticksOf = (pid: number): number => {
    const children = [...processes].filter(([, { parent }]) => parent === pid);
    return children.reduce((sum, [child]) => sum + ticksOf(child), processes.get(pid)?.ticks ?? 0);
  };
  const ticks = Object.entries(parts).map(([name, pid]) => [name, ticksOf(pid)] as const);
  const other = (await readBusyTicks()) - ticks.reduce((sum, [, used]) => sum + used, 0);
  return Object.fromEntries(
    [...ticks, [OTHER_WORK, other] as const].map(([name, used]) => [name, used / TICKS_PER_SECOND]),
  );
}

/** @returns how many processors each part kept busy between two readings */
export function coresBusy(before: CpuSeconds, after: CpuSeconds, seconds: number): CpuSeconds {
  return Object.fromEntries(
    Object.entries(after).map(([name, used]) => [name, (used - (before[name] ?? 0)) / seconds]),
  );
}

/** Of all processors together, since the machine was started (proc_stat(5)). */
async function readBusyTicks(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  return user + nice + system + irq + softirq + steal;
}

async function readProcess(pid: string): Promise<ProcessCpu | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // Fields after the command's name: state, ppid, …, utime, stime (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}
