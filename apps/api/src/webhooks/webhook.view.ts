import { ApiProperty } from '@nestjs/swagger';
import type { WebhookDetails } from '@signpost/database';
import { encodeId, SUBSCRIBABLE_EVENT_TYPES } from '@signpost/domain';
import { PageOf } from '../requests/page';

const WEBHOOK_STATUSES = ['active', 'disabled', 'held'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

class Last24HoursView {
  @ApiProperty({ type: 'integer' })
  attempts: number;

  @ApiProperty({ type: 'integer' })
  delivered: number;

  @ApiProperty({ type: 'integer' })
  failedAttempts: number;

  @ApiProperty({ type: 'integer', description: 'Deliveries that were given up.' })
  failed: number;

  @ApiProperty({ type: Number, nullable: true })
  averageDurationMs: number | null;
}

class WebhookHealthView {
  @ApiProperty({ type: 'integer' })
  consecutiveFailures: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the circuit breaker keeps its deliveries back.',
  })
  openUntil: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  failingSince: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextDueAt: string | null;

  @ApiProperty({ type: Last24HoursView })
  last24Hours: Last24HoursView;
}

export class WebhookView {
  @ApiProperty({ example: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty({ description: 'As it was given.' })
  url: string;

  @ApiProperty({ enum: SUBSCRIBABLE_EVENT_TYPES, isArray: true })
  events: string[];

  @ApiProperty()
  description: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: the key was deleted.' })
  apiKeyId: string | null;

  @ApiProperty({ type: 'integer', nullable: true })
  rateLimit: number | null;

  @ApiProperty()
  enabled: boolean;

  @ApiProperty({
    enum: WEBHOOK_STATUSES,
    description:
      'held: its API key is deleted, switched off or has expired; its deliveries wait until an active one is assigned.',
  })
  status: WebhookStatus;

  @ApiProperty({ type: String, nullable: true })
  disabledReason: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  disabledAt: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'How to have sent again what a disabled webhook missed.' })
  disabledAdvice: string | null;

  @ApiProperty({ type: WebhookHealthView })
  health: WebhookHealthView;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class WebhookPage extends PageOf(WebhookView) {}

export function webhookView({ webhook, health }: WebhookDetails): WebhookView {
  const { id, url, eventTypes, description, apiKeyId, rateLimit, enabled, disabledReason } = webhook;
  return {
    id: encodeId('webhook', id),
    url,
    events: eventTypes,
    description,
    apiKeyId: apiKeyId === null ? null : encodeId('apiKey', apiKeyId),
    rateLimit,
    enabled,
    status: statusOf(enabled, health.keyActive),
    disabledReason,
    disabledAt: isoTime(webhook.disabledAt),
    disabledAdvice: enabled ? null : adviceFor(webhook.disabledAt, health.failingSince),
    health: {
      consecutiveFailures: health.consecutiveFailures,
      openUntil: isoTime(health.openUntil),
      failingSince: isoTime(health.failingSince),
      nextDueAt: isoTime(health.nextDueAt),
      last24Hours: { ...health.last24Hours },
    },
    createdAt: webhook.createdAt.toISOString(),
    updatedAt: webhook.updatedAt.toISOString(),
  };
}

function statusOf(enabled: boolean, keyActive: boolean): WebhookStatus {
  if (!enabled) return 'disabled';
  return keyActive ? 'active' : 'held';
}

/** How much earlier to begin: deliveries that failed first, or were under way when the webhook was disabled, were made a little before. */
const BEFORE_MS = 60_000;

function adviceFor(disabledAt: Date | null, failingSince: Date | null): string {
  const missedSince = failingSince ?? disabledAt;
  const since =
    missedSince === null ? '' : ` {"since": "${new Date(missedSince.getTime() - BEFORE_MS).toISOString()}"}`;
  return `Enable it with PATCH {"enabled": true}, then have sent again what it missed with POST to its /recover${since}.`;
}

function isoTime(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
