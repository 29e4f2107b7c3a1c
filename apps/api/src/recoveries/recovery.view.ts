import { ApiProperty } from '@nestjs/swagger';
import { type RecoveryEntity, RESENDABLE_STATUSES, type ResendableStatus } from '@signpost/database';
import { encodeId, idTimeMs, SUBSCRIBABLE_EVENT_TYPES } from '@signpost/domain';
import { PageOf } from '../requests/page';

const RECOVERY_STATES = ['running', 'done', 'canceled'] as const;

class RecoveryFilterView {
  @ApiProperty({ type: String, nullable: true })
  webhookId: string | null;

  @ApiProperty({ type: String, nullable: true })
  eventId: string | null;

  @ApiProperty({ enum: RESENDABLE_STATUSES, isArray: true })
  statuses: ResendableStatus[];

  @ApiProperty({ type: String, enum: SUBSCRIBABLE_EVENT_TYPES, nullable: true })
  eventType: string | null;

  @ApiProperty({ type: Number, nullable: true })
  statusCode: number | null;

  @ApiProperty({ type: String, nullable: true })
  errorCode: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  since: string | null;

  @ApiProperty({
    format: 'date-time',
    description: 'Never later than `createdAt`: what begins afterwards is not part of it.',
  })
  until: string;
}

/** Deliveries that are sent again, and how far that has got. */
export class RecoveryView {
  @ApiProperty({ example: 'rec_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty({ enum: RECOVERY_STATES, description: 'canceled: its store was deleted before it was done.' })
  state: RecoveryEntity['state'];

  @ApiProperty({ type: String, nullable: true, description: 'Null: of every webhook of the store.' })
  webhookId: string | null;

  @ApiProperty({ type: RecoveryFilterView })
  filter: RecoveryFilterView;

  @ApiProperty({ description: 'Deliveries that were found so far: `requeued` and `skipped` together.' })
  matched: number;

  @ApiProperty({
    description: 'Deliveries that were made due again, with the same `webhook-id` and a whole new schedule.',
  })
  requeued: number;

  @ApiProperty({
    description:
      'Deliveries that cannot be sent: their webhook is deleted or disabled, or their payload is past its retention.',
  })
  skipped: number;

  @ApiProperty({ minimum: 0, maximum: 1, description: 'How much of the window has been gone through.' })
  progress: number;

  @ApiProperty({ example: 'operator', description: '`operator`, or the id of who asked for it.' })
  requestedBy: string;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;
}

export class RecoveryPage extends PageOf(RecoveryView) {}

export function recoveryView(recovery: RecoveryEntity): RecoveryView {
  const { id, state, webhookId, requeued, skipped, requestedBy } = recovery;
  return {
    id: encodeId('recovery', id),
    state,
    webhookId: webhookId === null ? null : encodeId('webhook', webhookId),
    filter: filterView(recovery),
    matched: requeued + skipped,
    requeued,
    skipped,
    progress: progressOf(recovery),
    requestedBy,
    createdAt: recovery.createdAt.toISOString(),
    finishedAt: recovery.finishedAt?.toISOString() ?? null,
  };
}

function filterView({ webhookId, filter }: RecoveryEntity): RecoveryFilterView {
  const { eventId, statuses, eventType, statusCode, errorCode, sinceMs, untilMs } = filter;
  return {
    webhookId: webhookId === null ? null : encodeId('webhook', webhookId),
    eventId: eventId === null ? null : encodeId('event', eventId),
    statuses: [...statuses],
    eventType,
    statusCode,
    errorCode,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    until: new Date(untilMs).toISOString(),
  };
}

/** Measured by the times in the ids, because how many deliveries there are is not known before all have been looked at. */
function progressOf({ state, fromId, belowId, cursor }: RecoveryEntity): number {
  if (state === 'done') return 1;
  const fromMs = idTimeMs(fromId);
  const windowMs = idTimeMs(belowId) - fromMs;
  return windowMs <= 0 ? 0 : Math.min(1, Math.max(0, (idTimeMs(cursor) - fromMs) / windowMs));
}
