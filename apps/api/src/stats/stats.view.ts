import { ApiProperty } from '@nestjs/swagger';
import type { AttemptCounts, DeliveryStats, StatsWindow } from '@signpost/database';
import { durationQuantileMs, encodeId } from '@signpost/domain';
import { LATEST_MS } from '../requests/iso-time';

type Found<Method extends keyof DeliveryStats> = Awaited<ReturnType<DeliveryStats[Method]>>;

/** What was read for the view. */
export interface FoundStats {
  readonly buckets: Found<'buckets'>;
  readonly accepted: Found<'accepted'>;
  readonly outcomes: Found<'outcomes'>;
  readonly webhooks: Found<'webhooks'>;
  readonly backlog: Found<'backlog'>;
}

class AttemptCountsView implements AttemptCounts {
  @ApiProperty({ type: 'integer', description: 'Test sends do not count.' })
  attempts: number;

  @ApiProperty({ type: 'integer' })
  failedAttempts: number;
}

class DeliveryCountsView extends AttemptCountsView {
  @ApiProperty({ type: 'integer' })
  delivered: number;

  @ApiProperty({ type: 'integer', description: 'Deliveries that were given up.' })
  failed: number;
}

const ACCEPTED = {
  type: 'integer',
  nullable: true,
  description: 'Events, as far as they have been fanned out. Null for one webhook: they are accepted by the store.',
} as const;

class StatsTotalsView extends DeliveryCountsView {
  @ApiProperty(ACCEPTED)
  accepted: number | null;

  @ApiProperty({ type: 'integer', description: 'Deliveries that wait now, for their time or for their endpoint.' })
  waiting: number;

  @ApiProperty({ type: 'integer', description: 'Deliveries that wait now, for an active API key to be signed with.' })
  held: number;

  @ApiProperty({ description: 'Whether `waiting` and `held` are all there are; else they end at 10,000 together.' })
  backlogExact: boolean;
}

class StatsBucketView extends DeliveryCountsView {
  @ApiProperty({ format: 'date-time' })
  at: string;

  @ApiProperty(ACCEPTED)
  accepted: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Of attempts; an estimate, at most 41 % off.' })
  p50Ms: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Of attempts; an estimate, at most 41 % off.' })
  p95Ms: number | null;
}

class ErrorCodeCountView {
  @ApiProperty({ example: 'connection_refused' })
  code: string;

  @ApiProperty({ type: 'integer' })
  count: number;
}

class StatusCodeCountView {
  @ApiProperty({ type: 'integer', example: 503 })
  code: number;

  @ApiProperty({ type: 'integer' })
  count: number;
}

class WebhookBucketView extends AttemptCountsView {
  @ApiProperty({ format: 'date-time' })
  at: string;
}

class WebhookStatsView extends DeliveryCountsView {
  @ApiProperty({ example: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty()
  url: string;

  @ApiProperty({ minimum: 0, maximum: 1, description: 'Of attempts.' })
  successRate: number;

  @ApiProperty({ type: [WebhookBucketView] })
  buckets: WebhookBucketView[];
}

/** How a store's deliveries fared. */
export class StatsView {
  @ApiProperty({ format: 'date-time', description: 'The beginning of the first bucket.' })
  since: string;

  @ApiProperty({ format: 'date-time', description: 'The end of the last bucket.' })
  until: string;

  @ApiProperty({
    type: 'integer',
    enum: [3600, 86400],
    description: 'Days where the window is longer than a week, or begins more than eight days ago.',
  })
  bucketSeconds: number;

  @ApiProperty({ type: StatsTotalsView })
  totals: StatsTotalsView;

  @ApiProperty({ type: [StatsBucketView], description: 'Every bucket of the window, oldest first.' })
  buckets: StatsBucketView[];

  @ApiProperty({ type: [ErrorCodeCountView], description: 'Of attempts; the most frequent first.' })
  errorCodes: ErrorCodeCountView[];

  @ApiProperty({ type: [StatusCodeCountView], description: 'Of attempts that were answered; the most frequent first.' })
  statusCodes: StatusCodeCountView[];

  @ApiProperty({ type: [WebhookStatsView], description: 'Those that were attempted, the worst fifty, worst first.' })
  webhooks: WebhookStatsView[];
}

export function statsView(window: StatsWindow, found: FoundStats): StatsView {
  const times = bucketTimes(window);
  const buckets = bucketViews(window, times, found);
  const { waiting, held, exact } = found.backlog;
  return {
    since: iso(window.sinceMs),
    until: iso(Math.min(window.untilMs, LATEST_MS)),
    bucketSeconds: window.bucketMs / 1000,
    totals: {
      accepted: window.webhookId === null ? total(buckets, 'accepted') : null,
      delivered: total(buckets, 'delivered'),
      failed: total(buckets, 'failed'),
      attempts: total(buckets, 'attempts'),
      failedAttempts: total(buckets, 'failedAttempts'),
      ...{ waiting, held, backlogExact: exact },
    },
    buckets,
    errorCodes: countsBy(found.outcomes, ({ errorCode }) => errorCode),
    statusCodes: countsBy(found.outcomes, ({ statusCode }) => statusCode),
    webhooks: found.webhooks.map((webhook) => webhookView(webhook, times)),
  };
}

function bucketTimes({ sinceMs, untilMs, bucketMs }: StatsWindow): number[] {
  return Array.from({ length: (untilMs - sinceMs) / bucketMs }, (_, index) => sinceMs + index * bucketMs);
}

function bucketViews({ webhookId }: StatsWindow, times: readonly number[], found: FoundStats): StatsBucketView[] {
  const attempted = new Map(found.buckets.map((bucket) => [bucket.atMs, bucket]));
  const accepted = new Map(found.accepted.map(({ atMs, events }) => [atMs, events]));
  return times.map((atMs) => {
    const { attempts = 0, failedAttempts = 0, delivered = 0, failed = 0, durations = [] } = attempted.get(atMs) ?? {};
    return {
      at: iso(atMs),
      accepted: webhookId === null ? (accepted.get(atMs) ?? 0) : null,
      ...{ delivered, failed, attempts, failedAttempts },
      p50Ms: durationQuantileMs(durations, 0.5),
      p95Ms: durationQuantileMs(durations, 0.95),
    };
  });
}

function webhookView(webhook: FoundStats['webhooks'][number], times: readonly number[]): WebhookStatsView {
  const { id, url, attempts, failedAttempts, delivered, failed } = webhook;
  const buckets = new Map(webhook.buckets.map((bucket) => [bucket.atMs, bucket]));
  return {
    id: encodeId('webhook', id),
    url,
    ...{ attempts, failedAttempts, delivered, failed },
    successRate: 1 - failedAttempts / attempts,
    buckets: times.map((atMs) => {
      const bucket = buckets.get(atMs);
      return { at: iso(atMs), attempts: bucket?.attempts ?? 0, failedAttempts: bucket?.failedAttempts ?? 0 };
    }),
  };
}

function countsBy<Code>(
  outcomes: FoundStats['outcomes'],
  codeOf: (outcome: FoundStats['outcomes'][number]) => Code | null,
): { code: Code; count: number }[] {
  const counts = new Map<Code, number>();
  for (const outcome of outcomes) {
    const code = codeOf(outcome);
    if (code !== null) counts.set(code, (counts.get(code) ?? 0) + outcome.count);
  }
  return [...counts].map(([code, count]) => ({ code, count })).toSorted((a, b) => b.count - a.count);
}

function total<Name extends string>(buckets: readonly Record<Name, number | null>[], name: Name): number {
  return buckets.reduce((sum, bucket) => sum + (bucket[name] ?? 0), 0);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
