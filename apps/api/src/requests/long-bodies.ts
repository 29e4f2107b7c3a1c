import { SignpostError } from '@signpost/domain';

/** From this many characters on, reading a body takes so long that other callers notice it. */
const LONG = 16 * 1024;
/** Characters that may wait for their turn before callers are turned away. */
const WAITING_MAX = 32 * 1024 * 1024;

/**
 * Has long bodies read one after the other, and leaves the event loop free in between. If many arrived at once, everybody else would
 * otherwise wait until all of them were read.
 */
export class LongBodies {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /**
   * @param length - of the body, in characters
   * @returns what `read` returned: at once for a body that is not long, else as a promise. What `read` throws is thrown, or rejects it
   * @throws SignpostError `unavailable` when too much waits already
   */
  inTurn<T>(length: number, read: () => T): T | Promise<T> {
    if (length < LONG) return read();
    if (this.waiting > 0 && this.waiting + length > WAITING_MAX) {
      const message = 'More is being published than can be read right now.';
      return Promise.reject(new SignpostError('unavailable', message, { retryAfterSeconds: 1 }));
    }
    this.waiting += length;
    const turn = this.last.then(nextRound).then(() => {
      this.waiting -= length;
      return read();
    });
    // An error is for the caller of this body only; the next body is read all the same.
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
