/** The cells of one line of a table. */
export type Row = readonly string[];

/** Figures as people read them. Tables of several queues whose heads begin with the same cell are shown as one. */
export interface Table {
  readonly head: Row;
  readonly rows: readonly Row[];
}

/** A promise of Signpost, and whether the figures keep it. */
export interface Judgement {
  readonly kept: boolean;
  /** A sentence without its full stop. */
  readonly text: string;
}

/** The findings of one suite with one queue. */
export interface Findings {
  /** All measured figures, for programs. */
  readonly figures: object;
  readonly tables: readonly Table[];
  readonly judgements: readonly Judgement[];
  /** What went well, in addition to the figures, as a clause: `all 14,228 deliveries are on record`. */
  readonly accounts: readonly string[];
  /** What was lost, sent twice or refused, as clauses without a full stop. If there is any, the run has failed. */
  readonly troubles: readonly string[];
  /** How many processors other work on the machine kept busy at most during a measurement. */
  readonly otherWork: number;
}

/** `1,234` */
export function whole(figure: number): string {
  return Math.round(figure).toLocaleString('en-US');
}

/** Milliseconds; below 100 with one decimal. */
export function shownMs(timeMs: number): string {
  return timeMs < 100 ? timeMs.toFixed(1) : whole(timeMs);
}
