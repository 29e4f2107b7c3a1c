/** A row of values over time. */
export interface Series {
  readonly name: string;
  /** CSS colour. */
  readonly color: string;
  /** Draws it otherwise than by colour: bars are paler, lines dashed. */
  readonly pattern?: 'plain' | 'second';
  /** One for each bucket; null where there is none. */
  readonly values: readonly (number | null)[];
}
