import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { KEY_WARNINGS, type KeyStanding, type KeyUsageBucket, type KeyWarning } from '@signpost/database';
import { validationFailed } from '../problems/validation-pipe';
import { IsBeforeUntil } from '../requests/is-before-until';
import { IsIsoTime } from '../requests/is-iso-time';
import { readIsoTime } from '../requests/iso-time';
import { Omittable } from '../requests/omittable';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_DEFAULT = 7;
const DAYS_MAX = 31;

export class KeyUsageQuery {
  @ApiPropertyOptional({
    format: 'date-time',
    description: `By default ${DAYS_DEFAULT} days before \`until\`; the hour in which it lies counts as a whole.`,
  })
  @Omittable()
  @IsIsoTime()
  @IsBeforeUntil()
  since?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: `By default now; at most ${DAYS_MAX} days after \`since\`.`,
  })
  @Omittable()
  @IsIsoTime()
  until?: string;
}

class KeyUsageBucketView {
  @ApiProperty({ format: 'date-time', description: 'When the hour began.' })
  at: string;

  @ApiProperty({ example: 'POST /events' })
  operation: string;

  @ApiProperty({ type: 'integer' })
  allowed: number;

  @ApiProperty({ type: 'integer', description: 'Calls answered with 401, 403 or 429, or for another store.' })
  refused: number;
}

/** When a key was used last, and what to warn of; part of every view of a key. */
export class KeyStandingView {
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When a call with it was allowed last, give or take some seconds; null: never.',
  })
  lastUsedAt: string | null;

  @ApiProperty({
    enum: KEY_WARNINGS,
    isArray: true,
    description:
      '`unused`: for 30 days it has neither called nor signed for an enabled webhook. `old`: its secret is older than 180 days. ' +
      '`too_many_permissions`: in 30 days it has not made use of all of them.',
  })
  warnings: KeyWarning[];
}

/** The hours in which a key was used; those without a call are missing. */
export class KeyUsageView extends KeyStandingView {
  @ApiProperty({ type: [KeyUsageBucketView] })
  buckets: KeyUsageBucketView[];
}

export function keyStandingView({ lastUsedAt, warnings }: KeyStanding): KeyStandingView {
  return { lastUsedAt: lastUsedAt?.toISOString() ?? null, warnings: [...warnings] };
}

export function keyUsageView(standing: KeyStanding, buckets: readonly KeyUsageBucket[]): KeyUsageView {
  return {
    ...keyStandingView(standing),
    buckets: buckets.map(({ at, ...rest }) => ({ at: at.toISOString(), ...rest })),
  };
}

/**
 * The span of time that a query asks for, in milliseconds since 1970, from the beginning of the hour in which it begins.
 *
 * @throws SignpostError `validation_failed` when it ends before it begins or is too long
 */
export function usageSpan(query: KeyUsageQuery, nowMs: number): { sinceMs: number; untilMs: number } {
  const untilMs = (query.until === undefined ? null : readIsoTime(query.until)) ?? nowMs;
  const sinceMs = (query.since === undefined ? null : readIsoTime(query.since)) ?? untilMs - DAYS_DEFAULT * DAY_MS;
  const inBounds = sinceMs < untilMs && untilMs - sinceMs <= DAYS_MAX * DAY_MS;
  if (inBounds) return { sinceMs: Math.floor(sinceMs / HOUR_MS) * HOUR_MS, untilMs };
  const message = `since must be before until, by at most ${DAYS_MAX} days.`;
  throw validationFailed([{ field: 'since', rule: 'span', message }]);
}
