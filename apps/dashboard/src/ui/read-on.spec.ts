import { type LogPage, readOn } from './read-on';

/** A log of which the page at each cursor, a number, holds so many rows. */
function logOf(sizes: readonly number[]) {
  const asked: (string | null)[] = [];
  const read = async (cursor: string | null): Promise<LogPage<number>> => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    const data = Array.from({ length: sizes[at] ?? 0 }, (_, index) => index);
    return { data, nextCursor: at + 1 < sizes.length ? String(at + 1) : null };
  };
  return { asked, read };
}

describe('readOn', () => {
  it('takes a page that has rows, however few', async () => {
    const { asked, read } = logOf([1, 50]);
    expect(await readOn(read, null)).toEqual({ data: [0], nextCursor: '1' });
    expect(asked).toEqual([null]);
  });

  it('goes on past what nothing was found in, to the first rows', async () => {
    const { asked, read } = logOf([9, 0, 0, 2, 1]);
    expect(await readOn(read, '1')).toEqual({ data: [0, 1], nextCursor: '4' });
    expect(asked).toEqual(['1', '2', '3']);
  });

  it('ends with the log', async () => {
    const { asked, read } = logOf([0, 0]);
    expect(await readOn(read, null)).toEqual({ data: [], nextCursor: null });
    expect(asked).toHaveLength(2);
  });

  it('ends after five requests, and says where it got to', async () => {
    const { asked, read } = logOf([0, 0, 0, 0, 0, 0, 1]);
    expect(await readOn(read, null)).toEqual({ data: [], nextCursor: '5' });
    expect(asked).toHaveLength(5);
  });
});
