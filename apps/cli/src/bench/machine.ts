import { cpus, totalmem } from 'node:os';
import { statfs } from 'node:fs/promises';

/** The machine on which the figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  /** Whether the data are kept in memory, where waiting for the disk costs nothing. */
  readonly diskIsMemory: boolean;
}

/** As `statfs(2)` names it. */
const TMPFS_MAGIC = 0x01021994;

/** @param directory - where the databases of the benchmark will be */
export async function describeMachine(directory: string): Promise<Machine> {
  const [cpu] = cpus();
  const { type } = await statfs(directory);
  return {
    cpu: cpu?.model.trim() ?? 'unknown processor',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    diskIsMemory: process.platform === 'linux' && type === TMPFS_MAGIC,
  };
}
