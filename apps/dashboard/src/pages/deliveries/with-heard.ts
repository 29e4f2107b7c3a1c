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
 * A page with what was heard of since it was asked for: what is in it as it is now and, on the newest page, what is newer before it.
 * What was heard before is in the page already, as it was then or is by now.
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
  // Ids are in the order of time; what is older has its place on a page that is not read yet.
  const added = [...since.values()]
    .filter(({ id }) => !listed.has(id) && (newest === undefined || id > newest.id))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  return [...added, ...known];
}
