import { ApiProperty } from '@nestjs/swagger';
import {
  DELIVERY_STATUSES,
  type DeliveryCounts,
  type DeliveryRow,
  type EventRow,
  type EventWithData,
} from '@signpost/database';
import { encodeId, idTimeMs, SUBSCRIBABLE_EVENT_TYPES } from '@signpost/domain';
import { DeliveryView, deliveryView } from '../deliveries/delivery.view';
import { PageOf } from '../requests/page';

/** An event in the log. */
export class EventView {
  @ApiProperty({ example: 'evt_01jp9b4bzxe0sve4k7q1r6y8ac' })
  id: string;

  @ApiProperty({ enum: SUBSCRIBABLE_EVENT_TYPES })
  type: string;

  @ApiProperty({ format: 'date-time', description: 'When it happened.' })
  timestamp: string;

  @ApiProperty({ format: 'date-time', description: 'When it was accepted.' })
  createdAt: string;

  @ApiProperty({ description: 'Whether it was made by a test of a webhook.' })
  test: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The key that published it; null: a person, the operator, or Signpost.',
  })
  apiKeyId: string | null;

  @ApiProperty({ enum: ['pending', 'done'], description: '`pending`: more deliveries may follow.' })
  fanOut: 'pending' | 'done';

  @ApiProperty({
    type: 'object',
    properties: Object.fromEntries(DELIVERY_STATUSES.map((status) => [status, { type: 'integer' }])),
    description: 'How many of its deliveries are in which state; states without any are missing.',
  })
  deliveryCounts: DeliveryCounts;

  @ApiProperty({ type: String, nullable: true, description: 'What else there is to know, as a sentence.' })
  note: string | null;
}

export class EventPage extends PageOf(EventView) {}

/** An event with its payload and what became of it. */
export class EventDetailView extends EventView {
  @ApiProperty({ type: [DeliveryView], description: 'The newest ones; the list of deliveries has all, by `eventId`.' })
  deliveries: DeliveryView[];

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'As the producer wrote it; null once it is past its retention.',
  })
  data: Record<string, unknown> | null;
}

export function eventView(event: EventRow, deliveryCounts: DeliveryCounts): EventView {
  const unwanted = !event.pending && Object.keys(deliveryCounts).length === 0;
  return {
    id: encodeId('event', event.id),
    type: event.type,
    timestamp: event.occurredAt.toISOString(),
    createdAt: new Date(idTimeMs(event.id)).toISOString(),
    test: event.test,
    apiKeyId: event.apiKeyId === null ? null : encodeId('apiKey', event.apiKeyId),
    fanOut: event.pending ? 'pending' : 'done',
    deliveryCounts,
    note: unwanted ? `No webhook of the store was subscribed to ${event.type}, so nothing was sent.` : null,
  };
}

/** The JSON text of an event. Its `data` is inserted as the producer wrote it: to parse it and write it again would change it. */
export function eventDetailJson(
  event: EventWithData,
  counts: DeliveryCounts,
  deliveries: readonly DeliveryRow[],
): string {
  const view: Omit<EventDetailView, 'data'> = { ...eventView(event, counts), deliveries: deliveries.map(deliveryView) };
  return `${JSON.stringify(view).slice(0, -1)},"data":${event.data ?? 'null'}}`;
}
