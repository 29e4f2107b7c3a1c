import { SignpostError } from '@signpost/domain';

/** To read a body of so many characters takes so long that others notice it. */
const LONG = 16 * 1024;
/** Characters that may wait for their turn before callers are turned away. */
const WAITING_MAX = 32 * 1024 * 1024;

/**
 * Has long bodies read one after the other, and the event loop free between two: many that arrive in one moment would else keep whoever
 * comes with them waiting for all.
 */
export class LongBodies {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /**
   * @param length - of the body, in characters
   * @returns what `read` returned, at once for a body that is not long; rejects with what it threw, or throws it
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
    // Whoever asked is told what was wrong; the next one goes on.
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
