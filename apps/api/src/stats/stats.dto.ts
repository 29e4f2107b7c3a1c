import { ApiPropertyOptional } from '@nestjs/swagger';
import { hourlySinceMs, type StatsWindow } from '@signpost/database';
import { decodeId } from '@signpost/domain';
import { validationFailed } from '../problems/validation-pipe';
import { IsId } from '../requests/is-id';
import { EARLIEST_MS, readIsoTime } from '../requests/iso-time';
import { IsIsoTime } from '../requests/is-iso-time';
import { Omittable } from '../requests/omittable';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WINDOW_MS_DEFAULT = DAY_MS;
const WINDOW_MS_MAX = 366 * DAY_MS;

/** Up to here a bucket is an hour, as long as there are counts by the hour; else it is a day. */
const HOURLY_WINDOW_MS_MAX = 7 * DAY_MS;

/** The query of the statistics. */
export class StatsQuery {
  @ApiPropertyOptional({ format: 'date-time', description: 'A day before `until` when left out.' })
  @Omittable()
  @IsIsoTime()
  since?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Now when left out.' })
  @Omittable()
  @IsIsoTime()
  until?: string;

  @ApiPropertyOptional({ example: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm', description: 'Only of this webhook.' })
  @Omittable()
  @IsId('webhook')
  webhookId?: string;
}

/**
 * The window that a query asks for, widened to whole buckets: hours, or days in UTC when it is longer than a week or begins earlier
 * than counts are kept by the hour.
 *
 * @throws SignpostError `validation_failed` for a window that ends before it begins, or is longer than 366 days
 */
export function statsWindow({ since, until, webhookId }: StatsQuery, nowMs: number): StatsWindow {
  const untilMs = until === undefined ? nowMs : (readIsoTime(until) ?? nowMs);
  const sinceMs = since === undefined ? Math.max(untilMs - WINDOW_MS_DEFAULT, EARLIEST_MS) : (readIsoTime(since) ?? 0);
  if (sinceMs >= untilMs) throw windowRefused('empty_window', 'since must be before until.');
  if (untilMs - sinceMs > WINDOW_MS_MAX) throw windowRefused('long_window', 'since must be within 366 days of until.');
  const isHourly = untilMs - sinceMs <= HOURLY_WINDOW_MS_MAX && sinceMs >= hourlySinceMs(nowMs);
  const bucketMs = isHourly ? HOUR_MS : DAY_MS;
  return {
    sinceMs: Math.floor(sinceMs / bucketMs) * bucketMs,
    untilMs: Math.ceil(untilMs / bucketMs) * bucketMs,
    bucketMs,
    webhookId: webhookId === undefined ? null : decodeId('webhook', webhookId),
  };
}

function windowRefused(rule: string, message: string): ReturnType<typeof validationFailed> {
  return validationFailed([{ field: 'since', rule, message }]);
}
