import { readFile } from 'node:fs/promises';
import type { SignpostProcess } from '../services/signpost-process';

const INTERVAL_MS = 500;
const KB_PER_MB = 1_024;

/** Watches how much memory the processes take. */
export class MemoryWatch {
  private readonly firstMb = new Map<number, number>();
  private growthMb = 0;
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();

  /** @param processes - gives those that run now */
  constructor(processes: () => readonly SignpostProcess[]) {
    const look = (): void => {
      this.looking = Promise.all(processes().map(({ pid }) => this.look(pid))).then(() => undefined);
    };
    look();
    this.timer = setInterval(look, INTERVAL_MS);
  }

  /** Ends the watch. @returns the most that one process has grown, in MB; 0 where the system does not tell */
  async finish(): Promise<number> {
    clearInterval(this.timer);
    await this.looking;
    return this.growthMb;
  }

  private async look(pid: number): Promise<void> {
    const residentMb = await residentMbOf(pid);
    if (residentMb === null) return;
    const firstMb = this.firstMb.get(pid) ?? residentMb;
    this.firstMb.set(pid, firstMb);
    this.growthMb = Math.max(this.growthMb, residentMb - firstMb);
  }
}

async function residentMbOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kb === undefined ? null : Number(kb) / KB_PER_MB;
}
