import type { Type as Class } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { LogSlice } from '@signpost/database';
import { buildMessage, ValidateBy } from 'class-validator';
import { Omittable } from './omittable';
import { QueryInt } from './query-int';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 250;
const CURSOR_BYTES = 16;

/** The field has the form of the `nextCursor` of a page. */
function IsCursor(): PropertyDecorator {
  return ValidateBy({
    name: 'cursor',
    validator: {
      validate: (value: unknown) => {
        const bytes = typeof value === 'string' ? Buffer.from(value, 'base64url') : null;
        return bytes !== null && bytes.length === CURSOR_BYTES && bytes.toString('base64url') === value;
      },
      defaultMessage: buildMessage(() => '$property must be the nextCursor of another page'),
    },
  });
}

/** The query of every list; lists with filters extend it. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT })
  @Omittable()
  @QueryInt(1, LIMIT_MAX)
  limit: number = LIMIT_DEFAULT;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before.' })
  @Omittable()
  @IsCursor()
  cursor?: string;
}

/** One page of a list, newest first. */
export interface PageView<View> {
  data: View[];
  /** Null: this was the last page. */
  nextCursor: string | null;
}

/** The class of a page of some view, for the OpenAPI document: `class StorePage extends PageOf(StoreView) {}`. */
export function PageOf<View>(view: Class<View>): Class<PageView<View>> {
  class Page implements PageView<View> {
    @ApiProperty({ type: [view] })
    data: View[];

    @ApiProperty({
      type: String,
      nullable: true,
      description:
        'The `cursor` of the next page; null: this was the last. A page of events or deliveries may hold fewer than `limit`, even ' +
        'none, and have a next one: the search goes on there.',
    })
    nextCursor: string | null;
  }
  return Page;
}

/** The id behind which the page of a query begins, or null for the first page. */
export function cursorOf({ cursor }: Pick<PageQuery, 'cursor'>): string | null {
  if (cursor === undefined) return null;
  const digits = Buffer.from(cursor, 'base64url').toString('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What to ask a repository for: one row more than is shown. */
export function idPageOf(query: PageQuery): { limit: number; before: string | null } {
  return { limit: query.limit + 1, before: cursorOf(query) };
}

/**
 * Makes a page of rows that were read with one more than `limit`, which tells whether there is another page.
 *
 * @param view - the wire shape of a row
 */
export function pageOf<Row extends { readonly id: string }, View>(
  rows: readonly Row[],
  { limit }: PageQuery,
  view: (row: Row) => View,
): PageView<View> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(view), nextCursor: last === undefined ? null : encodeCursor(last.id) };
}

/**
 * Makes a page of what one request found in a log. Such a page may hold fewer rows than `limit`, even none, and still have a next page,
 * where the search goes on.
 */
export function pageOfLog<Row extends { readonly id: string }, View>(
  { rows, lookedUpTo }: LogSlice<Row>,
  query: PageQuery,
  view: (row: Row) => View,
): PageView<View> {
  const page = pageOf(rows, query, view);
  return lookedUpTo === null ? page : { ...page, nextCursor: page.nextCursor ?? encodeCursor(lookedUpTo) };
}

function encodeCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}
