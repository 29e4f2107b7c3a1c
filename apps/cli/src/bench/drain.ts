import type { Receipts } from './sink-process';

/** How the deliveries of a backlog arrived at an endpoint that had come back. */
export interface Drain {
  readonly received: number;
  /** Over the whole time that was watched. */
  readonly perSecond: number;
  /** In any one second. */
  readonly perSecondMax: number;
  readonly inFirstSecond: number;
  readonly inFlightMax: number;
  readonly inFlightMaxInFirstSecond: number;
  /** By how many places at most a delivery came before or after its turn by age. */
  readonly displacedMax: number;
  /** How many deliveries had not come although a younger one had. */
  readonly leftBehind: number;
}

const SECOND_MS = 1_000;

/**
 * Summarises what an endpoint received. Pure.
 *
 * @param ageOf - the place of each event in the order of age; other events are left out of the figures about that order
 */
export function summarizeDrain({ ids, atMs, inFlight }: Receipts, ageOf: ReadonlyMap<string, number>): Drain {
  const firstMs = atMs[0] ?? 0;
  const lastMs = atMs.at(-1) ?? firstMs;
  const inFirstSecond = atMs.filter((receivedMs) => receivedMs < firstMs + SECOND_MS).length;
  const ages = ids.flatMap((id) => ageOf.get(id) ?? []);
  const places = new Map(ages.toSorted((a, b) => a - b).map((age, place) => [age, place]));
  const youngest = ages.length === 0 ? -1 : maxOf(ages);
  return {
    received: ids.length,
    perSecond: lastMs > firstMs ? (ids.length * SECOND_MS) / (lastMs - firstMs) : ids.length,
    perSecondMax: mostInOneSecond(atMs),
    inFirstSecond,
    inFlightMax: maxOf(inFlight),
    inFlightMaxInFirstSecond: maxOf(inFlight.subarray(0, inFirstSecond)),
    displacedMax: maxOf(ages.map((age, position) => Math.abs((places.get(age) ?? 0) - position))),
    leftBehind: youngest + 1 - places.size,
  };
}

function mostInOneSecond(atMs: Float64Array): number {
  let most = 0;
  let begin = 0;
  atMs.forEach((receivedMs, index) => {
    while ((atMs[begin] ?? 0) <= receivedMs - SECOND_MS) begin += 1;
    most = Math.max(most, index - begin + 1);
  });
  return most;
}

/** Not by `Math.max(...figures)`, because there may be too many of them to be arguments. */
function maxOf(figures: Iterable<number>): number {
  let most = 0;
  for (const figure of figures) most = Math.max(most, figure);
  return most;
}
