import { write, writeSync } from 'node:fs';

/** What may wait for a slow reader. What comes beyond it is dropped: a log is bounded as everything is. */
const WAITING_CHARS_MAX = 4 * 1_048_576;
const BUSY_MS = 100;

/**
 * Writes a log beside the work, to a file or a pipe. When that is impossible, as on a full disk, the lines are lost and nothing else: no
 * process ends of it or waits for it, and what comes later is tried again.
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

  /** Once, and at once: while a process ends nothing can be awaited. */
  private writeLast(): void {
    try {
      writeSync(this.descriptor, this.waiting);
    } catch {
      // Nobody is left to be told.
    }
  }
}
