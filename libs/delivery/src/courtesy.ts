/** After somebody was served who published no bulk, more such work is expected for this long. */
const OTHERS_MS = 1_000;
/** How long bulk rests after a piece, in multiples of the time that the piece took: on a busy machine, both are longer. */
const REST = { most: 14, least: 1 };
const REST_MS_MAX = 250;
/** How many events a piece of bulk has while other work is expected. */
const PIECE_EVENTS = 25;

/**
 * How bulk gives way to other work of the same process. While there is other work, bulk is done in small pieces with a rest after each, so
 * that new work finds processors, connections and the event loop free. Alone, bulk has all of them. Bulk that has waited beyond its
 * patience rests less and less, until it rests only as long as it works: a producer that keeps publishing more than the rests allow is
 * served after some minutes.
 */
export class Courtesy {
  private othersUntilMs = -Infinity;

  /**
   * @param patienceMs - how long bulk may have waited before it rests less
   * @param monotonicMs - a clock that never goes back
   */
  constructor(
    private readonly patienceMs: number,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** Somebody was served who published no bulk. */
  othersServed(): void {
    this.othersUntilMs = this.monotonicMs() + OTHERS_MS;
  }

  /**
   * The size of the next piece of bulk: `max`, but no more than `piece` while other work is expected.
   *
   * @param piece - how many events; for pieces of something else, how many of that
   */
  pieceOf(max: number, piece = PIECE_EVENTS): number {
    return this.isDue ? Math.min(max, piece) : max;
  }

  /**
   * Resolves when bulk may go on.
   *
   * @param workedMs - how long the last piece took
   * @param waitedMs - how long ago it came
   */
  async rest(workedMs: number, waitedMs: number): Promise<void> {
    if (!this.isDue) return;
    const patience = Math.min(1, this.patienceMs / Math.max(0, waitedMs));
    const restMs = Math.min(REST_MS_MAX, workedMs * Math.max(REST.least, REST.most * patience));
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }

  private get isDue(): boolean {
    return this.monotonicMs() < this.othersUntilMs;
  }
}
