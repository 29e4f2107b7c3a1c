import { createHash } from 'node:crypto';
import type { Type as Class } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { LogSlice } from '@signpost/database';
import type { StoreId } from '@signpost/domain';
import { buildMessage, ValidateBy } from 'class-validator';
import { validationFailed } from '../problems/validation-pipe';
import { Omittable } from './omittable';
import { QueryInt } from './query-int';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 250;
const ID_BYTES = 16;
/** Enough that a cursor of another list, or one that was changed, is not taken for one of this list by chance. */
const TAG_BYTES = 5;
/** The bytes of both in base64url. */
const CURSOR = /^[A-Za-z0-9_-]{28}$/;
const CURSOR_RULE = 'must be the nextCursor of another page of this list';

/** Which list a page is of. Its filters are no part of it: they may change from page to page. */
export interface ListName {
  readonly of: string;
  /** Null: there is one for all stores. */
  readonly storeId: StoreId | null;
}

/** The field has the form of the `nextCursor` of a page. */
function IsCursor(): PropertyDecorator {
  return ValidateBy({
    name: 'cursor',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && CURSOR.test(value),
      defaultMessage: buildMessage(() => `$property ${CURSOR_RULE}`),
    },
  });
}

/** The query of every list; lists with filters extend it. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT })
  @Omittable()
  @QueryInt(1, LIMIT_MAX)
  limit: number = LIMIT_DEFAULT;

  @ApiPropertyOptional({ pattern: CURSOR.source, description: 'The `nextCursor` of the page before.' })
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

/**
 * The id behind which the page of a query begins, or null for the first page.
 *
 * @throws SignpostError `validation_failed` for the cursor of another list, whose ids mean nothing in this one, or one that was changed
 */
export function cursorOf({ cursor }: Pick<PageQuery, 'cursor'>, list: ListName): string | null {
  if (cursor === undefined) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  const idBytes = bytes.subarray(0, ID_BYTES);
  if (!tagOf(idBytes, list).equals(bytes.subarray(ID_BYTES))) {
    throw validationFailed([{ field: 'cursor', rule: 'cursor', message: `cursor ${CURSOR_RULE}.` }]);
  }
  const digits = idBytes.toString('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What to ask a repository for: one row more than is shown. */
export function idPageOf(query: PageQuery, list: ListName): { limit: number; before: string | null } {
  return { limit: query.limit + 1, before: cursorOf(query, list) };
}

/**
 * Makes a page of rows that were read with one more than `limit`, which tells whether there is another page.
 *
 * @param view - the wire shape of a row
 */
export function pageOf<Row extends { readonly id: string }, View>(
  rows: readonly Row[],
  { limit }: PageQuery,
  list: ListName,
  view: (row: Row) => View,
): PageView<View> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(view), nextCursor: last === undefined ? null : encodeCursor(last.id, list) };
}

/**
 * Makes a page of what one request found in a log. Such a page may hold fewer rows than `limit`, even none, and still have a next page,
 * where the search goes on.
 */
export function pageOfLog<Row extends { readonly id: string }, View>(
  { rows, lookedUpTo }: LogSlice<Row>,
  query: PageQuery,
  list: ListName,
  view: (row: Row) => View,
): PageView<View> {
  const page = pageOf(rows, query, list, view);
  return lookedUpTo === null ? page : { ...page, nextCursor: page.nextCursor ?? encodeCursor(lookedUpTo, list) };
}

function encodeCursor(id: string, list: ListName): string {
  const idBytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  return Buffer.concat([idBytes, tagOf(idBytes, list)]).toString('base64url');
}

function tagOf(idBytes: Buffer, list: ListName): Buffer {
  return createHash('sha256')
    .update(`${list.of} ${list.storeId ?? ''} `)
    .update(idBytes)
    .digest()
    .subarray(0, TAG_BYTES);
}
