import { write, writeSync } from 'node:fs';

/** How many characters may wait for a slow reader. Further lines are dropped: like everything, the log in memory is bounded. */
const WAITING_CHARS_MAX = 4 * 1_048_576;
const BUSY_MS = 100;

/**
 * Writes a log to a file or a pipe; the process does not wait for it. When that is impossible, as on a full disk, only the lines are lost:
 * the process goes on, and tries to write later lines.
 */
export class LogStream {
  private waiting = '';
  private isWriting = false;

  constructor(private readonly descriptor: number) {
    process.on('exit', () => this.writeLast());
  }

  /** @param line - with its line break */
  write(line: string): void {
    if (this.waiting.length + line.length > WAITING_CHARS_MAX) return;
    this.waiting += line;
    if (!this.isWriting) this.writeNext();
  }

  private writeNext(): void {
    this.isWriting = this.waiting !== '';
    if (!this.isWriting) return;
    const lines = Buffer.from(this.waiting);
    this.waiting = '';
    this.writeAll(lines);
  }

  private writeAll(bytes: Buffer): void {
    write(this.descriptor, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.writeAll(bytes), BUSY_MS);
      else if (error === null && written < bytes.length) this.writeAll(bytes.subarray(written));
      else this.writeNext();
    });
  }

  /** Tries once, and synchronously: nothing can be awaited while a process ends. */
  private writeLast(): void {
    try {
      writeSync(this.descriptor, this.waiting);
    } catch {
      // Nobody is left to be told.
    }
  }
}
