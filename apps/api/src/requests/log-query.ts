import type { LogWindow } from '@signpost/database';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBeforeUntil } from './is-before-until';
import { readIsoTime } from './iso-time';
import { IsIsoTime } from './is-iso-time';
import { Omittable } from './omittable';
import { cursorOf, type ListName, PageQuery } from './page';

/** The query of every log: a page of a span of time; logs add their own filters. */
export class LogQuery extends PageQuery {
  @ApiPropertyOptional({ format: 'date-time', description: 'Only what began at this time or later.' })
  @Omittable()
  @IsIsoTime()
  @IsBeforeUntil()
  since?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only what began before this time.' })
  @Omittable()
  @IsIsoTime()
  until?: string;
}

/** The span of time that a query asks for. */
export function logSpan({ since, until }: Pick<LogQuery, 'since' | 'until'>): Pick<LogWindow, 'sinceMs' | 'untilMs'> {
  return {
    sinceMs: since === undefined ? null : readIsoTime(since),
    untilMs: until === undefined ? null : readIsoTime(until),
  };
}

/** The part of a log that a query asks for, and one row more, which tells whether there is another page. */
export function logWindow(query: LogQuery, list: ListName): LogWindow {
  return { ...logSpan(query), before: cursorOf(query, list), limit: query.limit + 1 };
}
