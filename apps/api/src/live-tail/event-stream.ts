import { Readable } from 'node:stream';

/** A listener that leaves more than this unread is too slow, and is let go: it comes back with its `Last-Event-ID`. */
const UNREAD_BYTES_MAX = 1_048_576;

/** Server-sent events, as the body of an answer. Bounded: a reader that does not keep up ends it. */
export class EventStream extends Readable {
  private isOver = false;

  constructor() {
    super({ read: () => undefined });
    // Has the head of the answer sent at once, and proxies pass it on.
    this.comment('open');
  }

  /** @param data JSON text without line breaks */
  event(name: string, data: string, id: string): void {
    this.write(`event: ${name}\nid: ${id}\ndata: ${data}\n\n`);
  }

  /** Is ignored by the client, and keeps the connection from looking dead. */
  comment(text: string): void {
    this.write(`: ${text}\n\n`);
  }

  /** Ends the answer as a whole one: the client comes back after a while. */
  end(): void {
    if (this.isOver || this.destroyed) return;
    this.isOver = true;
    this.push(null);
  }

  private write(text: string): void {
    if (this.isOver || this.destroyed) return;
    this.push(text);
    if (this.readableLength > UNREAD_BYTES_MAX) this.destroy();
  }
}
