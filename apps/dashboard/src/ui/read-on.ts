/** As the API answers: newest first, and where the next page begins; null where there is none. */
export interface LogPage<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

/** Requests that one turn of the page takes at most. */
const READS_MAX = 5;

/**
 * Reads a page of a log. One request looks at a thousand rows at most, so that it may have found nothing though more follow: then those
 * that follow are looked at, too, a few requests long.
 *
 * @param read - reads the page that begins at a cursor; null: the newest
 */
export async function readOn<Item>(
  read: (cursor: string | null) => Promise<LogPage<Item>>,
  cursor: string | null,
): Promise<LogPage<Item>> {
  let page = await read(cursor);
  for (let reads = 1; page.data.length === 0 && page.nextCursor !== null && reads < READS_MAX; reads += 1) {
    page = await read(page.nextCursor);
  }
  return page;
}
