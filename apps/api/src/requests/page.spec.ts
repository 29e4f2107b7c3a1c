import { mintId } from '@signpost/domain';
import { idPageOf, pageOf, PageQuery } from './page';

const queryOf = (limit: number, cursor?: string) =>
  Object.assign(new PageQuery(), { limit }, cursor === undefined ? {} : { cursor });

describe('pages', () => {
  const rows = Array.from({ length: 3 }, (_, number) => ({ id: mintId('store', number) }));

  it('go on exactly behind the last row that was shown', () => {
    const page = pageOf(rows, queryOf(2), ({ id }) => id);
    expect(page.data).toEqual(rows.slice(0, 2).map(({ id }) => id));
    expect(idPageOf(queryOf(2, page.nextCursor ?? ''))).toEqual({ limit: 3, before: rows[1]?.id });
  });

  it('end when no row was read beyond them', () => {
    expect(pageOf(rows, queryOf(3), ({ id }) => id).nextCursor).toBeNull();
    expect(pageOf([], queryOf(3), ({ id }: { id: string }) => id)).toEqual({ data: [], nextCursor: null });
  });
});
