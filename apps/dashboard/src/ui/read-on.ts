/** A page as the API answers it: newest first, with the cursor of the next page; null: there is none. */
export interface LogPage<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

/** How many requests one turn of the page makes at most. */
const READS_MAX = 5;

/**
 * Reads a page of a log. One request looks at a thousand rows at most, and may find nothing among them though later rows match: then a few
 * further requests go on from there.
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
