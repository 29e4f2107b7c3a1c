import { ApiProperty } from '@nestjs/swagger';
import { DELIVERY_STATUSES, type DeliveryRow, type DeliveryStatus } from '@signpost/database';
import type { AttemptTrigger } from '@signpost/delivery';
import { encodeId, idTimeMs, SUBSCRIBABLE_EVENT_TYPES } from '@signpost/domain';
import { PageOf } from '../requests/page';

export const ATTEMPT_TRIGGERS: readonly AttemptTrigger[] = ['schedule', 'manual', 'recovery', 'test'];

/** A delivery in the log. */
export class DeliveryView {
  @ApiProperty({ example: 'dlv_01jp9b4c0mf8w9p0n2v6t3x5qz' })
  id: string;

  @ApiProperty()
  eventId: string;

  @ApiProperty()
  webhookId: string;

  @ApiProperty({ enum: SUBSCRIBABLE_EVENT_TYPES })
  eventType: string;

  @ApiProperty({ enum: DELIVERY_STATUSES, enumName: 'DeliveryStatus' })
  status: DeliveryStatus;

  @ApiProperty({
    enum: ATTEMPT_TRIGGERS,
    enumName: 'AttemptTrigger',
    description: 'What the last, or the coming, attempt is made for.',
  })
  trigger: AttemptTrigger;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ description: 'Attempts of the automatic schedule; manual ones are beside it.' })
  attemptsMade: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null: none is planned, or one is being made.',
  })
  nextAttemptAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastAttemptAt: string | null;

  @ApiProperty({ type: Number, nullable: true })
  lastStatusCode: number | null;

  @ApiProperty({ type: String, nullable: true })
  lastErrorCode: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  deliveredAt: string | null;
}

export class DeliveryPage extends PageOf(DeliveryView) {}

export function deliveryView(delivery: DeliveryRow): DeliveryView {
  return {
    id: encodeId('delivery', delivery.id),
    eventId: encodeId('event', delivery.eventId),
    webhookId: encodeId('webhook', delivery.webhookId),
    eventType: delivery.eventType,
    status: delivery.status,
    trigger: delivery.trigger,
    createdAt: new Date(idTimeMs(delivery.id)).toISOString(),
    attemptsMade: delivery.attemptsMade,
    nextAttemptAt: isoOrNull(delivery.nextAttemptAt),
    lastAttemptAt: isoOrNull(delivery.lastAttemptAt),
    lastStatusCode: delivery.lastStatusCode,
    lastErrorCode: delivery.lastErrorCode,
    deliveredAt: isoOrNull(delivery.deliveredAt),
  };
}

function isoOrNull(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
