import type { FloodLine, Lane, LaneClass, LaneLine } from './lane';

/** All lines, in the order in which they send. */
export const LANE_LINES: readonly LaneLine[] = ['proven', 'flooded', 'fresh', 'freshFlooded', 'failing'];

const FLOOD_LINES: Readonly<Record<LaneClass, FloodLine | null>> = {
  proven: 'flooded',
  fresh: 'freshFlooded',
  failing: null,
};

/** Whether a line is one of flooded lanes. */
export function isFloodLine(line: LaneLine): line is FloodLine {
  return line === 'flooded' || line === 'freshFlooded';
}

/** The lanes that wait for their turn, each in the line in which it belongs: {@link Lane.line}. */
export class LaneLines {
  private readonly lanes: Readonly<Record<LaneLine, Set<Lane>>> = {
    proven: new Set(),
    flooded: new Set(),
    fresh: new Set(),
    freshFlooded: new Set(),
    failing: new Set(),
  };

  /** @param monotonicMs - a clock that never goes back */
  constructor(private readonly monotonicMs: () => number) {}

  /** The lanes of a line, from its beginning on. A lane that joins the line while a loop goes through them is come to as the last. */
  in(line: LaneLine): Iterable<Lane> {
    return this.lanes[line];
  }

  /** Puts a lane at the end of the line in which it belongs now, unless it stands there already. */
  join(lane: Lane): void {
    const line = this.lineOf(lane);
    if (line !== lane.line) this.lanes[lane.line].delete(lane);
    lane.line = line;
    this.lanes[line].add(lane);
  }

  leave(lane: Lane): void {
    this.lanes[lane.line].delete(lane);
  }

  /** Puts a lane that has left its line at the end of the same line. */
  rejoin(lane: Lane): void {
    this.lanes[lane.line].add(lane);
  }

  /** Moves a waiting lane that belongs in another line by now. @returns whether it did */
  change(lane: Lane): boolean {
    if (!this.lanes[lane.line].has(lane) || this.lineOf(lane) === lane.line) return false;
    this.join(lane);
    return true;
  }

  private lineOf(lane: Lane): LaneLine {
    const floodLine = FLOOD_LINES[lane.class];
    return floodLine !== null && lane.isFlooded(this.monotonicMs()) ? floodLine : lane.class;
  }
}
