import { open, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
import { giveToOwnerOf } from '../services/postgres-home';
import { dirname } from 'node:path';

const LOG_BYTES_MAX = 10 * 1024 * 1024;
const LINES_SHOWN = 8;

/** The file that a process writes its log to: it outlives `up`, so that the process can still say how it ended. */
export class ServiceLog {
  private constructor(
    readonly path: string,
    readonly file: FileHandle,
    private readonly offset: number,
  ) {}

  /** Opens the file for a new process; an old file that is long is put aside. */
  static async open(path: string): Promise<ServiceLog> {
    const isLong = await stat(path).then(
      ({ size }) => size > LOG_BYTES_MAX,
      () => false,
    );
    if (isLong) await rename(path, `${path}.1`);
    const file = await open(path, 'a', 0o600);
    await giveToOwnerOf(dirname(path), path);
    return new ServiceLog(path, file, (await file.stat()).size);
  }

  /** The lines since it was opened that are not log entries: they are meant for people. */
  async plainLines(): Promise<readonly string[]> {
    const text = (await readFile(this.path)).subarray(this.offset).toString('utf8');
    const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('{'));
    return lines.slice(0, LINES_SHOWN);
  }
}
