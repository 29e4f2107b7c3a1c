import type { LogWindow } from '@signpost/database';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { readIsoTime } from './iso-time';
import { IsIsoTime } from './is-iso-time';
import { Omittable } from './omittable';
import { cursorOf, PageQuery } from './page';

/** The query of every log: a page of a span of time; logs add their own filters. */
export class LogQuery extends PageQuery {
  @ApiPropertyOptional({ format: 'date-time', description: 'Only what began at this time or later.' })
  @Omittable()
  @IsIsoTime()
  since?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only what began before this time.' })
  @Omittable()
  @IsIsoTime()
  until?: string;
}

/** The part of a log that a query asks for, with the one row more that tells whether there is another page. */
export function logWindow(query: LogQuery): LogWindow {
  return {
    sinceMs: query.since === undefined ? null : readIsoTime(query.since),
    untilMs: query.until === undefined ? null : readIsoTime(query.until),
    before: cursorOf(query),
    limit: query.limit + 1,
  };
}
