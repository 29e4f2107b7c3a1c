import { ApiProperty } from '@nestjs/swagger';
import type { SystemState } from '@signpost/database';
import { encodeId } from '@signpost/domain';
import { QUEUE_NAMES, type QueueCounts, type QueueName } from '@signpost/queue';

class PartView {
  @ApiProperty({ description: 'Whether it answered in time.' })
  ok: boolean;
}

class QueueView implements QueueCounts {
  @ApiProperty({ enum: QUEUE_NAMES })
  name: QueueName;

  @ApiProperty({ type: 'integer' })
  waiting: number;

  @ApiProperty({ type: 'integer' })
  active: number;

  @ApiProperty({ type: 'integer' })
  delayed: number;
}

class WorkerView {
  @ApiProperty({ example: 'wrk_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty({ description: 'False: its heartbeat stopped, and its deliveries are about to be given to others.' })
  alive: boolean;

  @ApiProperty({ format: 'date-time' })
  startedAt: string;

  @ApiProperty({ format: 'date-time' })
  leasedUntil: string;

  @ApiProperty({ type: 'integer', description: 'In its hands, until the last of their group has ended.' })
  leasedDeliveries: number;
}

class OutboxView {
  @ApiProperty({ type: 'integer', description: 'Batches that are accepted and wait for their fan-out.' })
  batches: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  oldestAt: string | null;
}

class LanesView {
  @ApiProperty({ type: 'integer', description: 'Webhooks with a delivery due now.' })
  due: number;

  @ApiProperty({ type: 'integer', description: 'Webhooks whose next delivery is due later.' })
  scheduled: number;

  @ApiProperty({ type: 'integer', description: 'Webhooks whose circuit breaker keeps their deliveries back.' })
  open: number;

  @ApiProperty({ type: 'integer', description: 'Webhooks without an active API key.' })
  held: number;
}

/** What an operator looks at first when something is slow. What could not be read is null. */
export class SystemView {
  @ApiProperty({ example: '0.1.0' })
  version: string;

  @ApiProperty({ type: PartView })
  database: PartView;

  @ApiProperty({ type: PartView })
  queue: PartView;

  @ApiProperty({ type: [QueueView], nullable: true })
  queues: QueueView[] | null;

  @ApiProperty({ type: [WorkerView], nullable: true })
  workers: WorkerView[] | null;

  @ApiProperty({ type: OutboxView, nullable: true })
  outbox: OutboxView | null;

  @ApiProperty({ type: LanesView, nullable: true })
  lanes: LanesView | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when the longest overdue delivery has been due.',
  })
  oldestDueAt: string | null;
}

/** @param state null: PostgreSQL did not answer. @param counts null: the queue did not */
export function systemView(
  version: string,
  state: SystemState | null,
  counts: Record<QueueName, QueueCounts> | null,
): SystemView {
  return {
    version,
    database: { ok: state !== null },
    queue: { ok: counts !== null },
    queues: counts === null ? null : QUEUE_NAMES.map((name) => ({ name, ...counts[name] })),
    workers: state === null ? null : state.workers.map(workerView),
    outbox: state === null ? null : { batches: state.outbox.batches, oldestAt: isoOrNull(state.outbox.oldestAt) },
    lanes: state === null ? null : state.lanes,
    oldestDueAt: isoOrNull(state?.oldestDueAt ?? null),
  };
}

function workerView({
  id,
  alive,
  startedAt,
  leasedUntil,
  leasedDeliveries,
}: SystemState['workers'][number]): WorkerView {
  return {
    id: encodeId('worker', id),
    alive,
    startedAt: startedAt.toISOString(),
    leasedUntil: leasedUntil.toISOString(),
    leasedDeliveries,
  };
}

function isoOrNull(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
