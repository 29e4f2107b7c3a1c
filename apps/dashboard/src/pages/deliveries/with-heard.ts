import type { Delivery } from '../../api/deliveries';

/** A delivery as the live tail told of it. */
export interface Heard {
  readonly delivery: Delivery;
  /** In milliseconds since 1970. */
  readonly atMs: number;
}

/** A page of the log of deliveries. */
export interface ReadPage {
  readonly rows: readonly Delivery[];
  /** When it was asked for, in milliseconds since 1970. */
  readonly askedAtMs: number;
  readonly isNewest: boolean;
}

/**
 * Brings a page up to date with the deliveries that were heard of since it was asked for: its own get their new state and, on the newest
 * page, newer ones are put before them. Whatever was heard earlier is in the page already, in that state or a later one.
 */
export function withHeard(page: ReadPage, heard: ReadonlyMap<string, Heard>): readonly Delivery[] {
  const since = new Map(
    [...heard].flatMap(([id, { delivery, atMs }]) => (atMs >= page.askedAtMs ? [[id, delivery] as const] : [])),
  );
  if (since.size === 0) return page.rows;
  const known = page.rows.map((delivery) => since.get(delivery.id) ?? delivery);
  if (!page.isNewest) return known;
  const listed = new Set(page.rows.map(({ id }) => id));
  const [newest] = page.rows;
  // Ids are in the order of time. An older delivery belongs to a page that is not read yet.
  const added = [...since.values()]
    .filter(({ id }) => !listed.has(id) && (newest === undefined || id > newest.id))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  return [...added, ...known];
}
