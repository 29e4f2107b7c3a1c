import { mintId } from '@signpost/domain';
import { cursorOf, idPageOf, pageOf, PageQuery } from './page';

const queryOf = (limit: number, cursor?: string) =>
  Object.assign(new PageQuery(), { limit }, cursor === undefined ? {} : { cursor });

const WEBHOOKS = { of: 'webhooks', storeId: mintId('store', 0) };

describe('pages', () => {
  const rows = Array.from({ length: 3 }, (_, number) => ({ id: mintId('store', number) }));

  it('go on exactly behind the last row that was shown', () => {
    const page = pageOf(rows, queryOf(2), WEBHOOKS, ({ id }) => id);
    expect(page.data).toEqual(rows.slice(0, 2).map(({ id }) => id));
    expect(idPageOf(queryOf(2, page.nextCursor ?? ''), WEBHOOKS)).toEqual({ limit: 3, before: rows[1]?.id });
  });

  it('end when no row was read beyond them', () => {
    expect(pageOf(rows, queryOf(3), WEBHOOKS, ({ id }) => id).nextCursor).toBeNull();
    expect(pageOf([], queryOf(3), WEBHOOKS, ({ id }: { id: string }) => id)).toEqual({ data: [], nextCursor: null });
  });

  it.each([
    ['things', { ...WEBHOOKS, of: 'api-keys' }],
    ['store', { ...WEBHOOKS, storeId: mintId('store', 0) }],
    ['stores', { ...WEBHOOKS, storeId: null }],
  ])('do not go on in the list of other %s', (_name, list) => {
    const { nextCursor } = pageOf(rows, queryOf(2), WEBHOOKS, ({ id }) => id);
    expect(() => cursorOf(queryOf(2, nextCursor ?? ''), list)).toThrow(
      'cursor must be the nextCursor of another page of this list.',
    );
  });

  it('go on at no cursor of which a character was changed', () => {
    const cursor = pageOf(rows, queryOf(2), WEBHOOKS, ({ id }) => id).nextCursor ?? '';
    for (const [index, character] of [...cursor].entries()) {
      const changed = cursor.slice(0, index) + (character === 'A' ? 'B' : 'A') + cursor.slice(index + 1);
      expect(() => cursorOf(queryOf(2, changed), WEBHOOKS)).toThrow('cursor must be the nextCursor');
    }
  });
});
