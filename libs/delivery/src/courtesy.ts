/** For so long after they were served last, others may come again any moment. */
const OTHERS_MS = 1_000;
/** How many times as long as a piece of bulk took it then rests: the more there is to do on the machine, the longer. */
const REST = 14;
const REST_MS_MAX = 250;
/** Events of a piece of bulk while there are others. */
const PIECE_EVENTS = 25;

/**
 * How bulk gives way to others of the same process: while there are any, it is worked on in small pieces, and rests after each, so
 * that whoever comes meanwhile finds processors, connections and the event loop free. Alone, it has all of them.
 */
export class Courtesy {
  private othersUntilMs = -Infinity;

  /** @param monotonicMs - a clock that never goes back */
  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** Somebody was served who published no bulk. */
  othersServed(): void {
    this.othersUntilMs = this.monotonicMs() + OTHERS_MS;
  }

  /** How many events the next piece of bulk may have, where it could have `max`. */
  pieceOf(max: number): number {
    return this.isDue ? Math.min(max, PIECE_EVENTS) : max;
  }

  /** Resolves when bulk may go on after a piece that took so long. */
  async rest(workedMs: number): Promise<void> {
    if (!this.isDue) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(REST_MS_MAX, workedMs * REST)));
  }

  private get isDue(): boolean {
    return this.monotonicMs() < this.othersUntilMs;
  }
}
