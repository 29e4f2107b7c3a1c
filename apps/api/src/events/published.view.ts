import { ApiProperty } from '@nestjs/swagger';
import type { PublishedEvent } from '@signpost/delivery';
import { encodeId, EVENT_TYPES, type EventType } from '@signpost/domain';

/** An accepted event. */
export class PublishedView {
  @ApiProperty({ example: 'evt_01jp9b4bzxe0sve4k7q1r6y8ac', description: 'Sent to webhooks as `webhook-id`.' })
  id: string;

  @ApiProperty({ enum: EVENT_TYPES, enumName: 'EventType' })
  type: EventType;

  @ApiProperty({ format: 'date-time', description: 'In UTC.' })
  timestamp: string;
}

export class PublishedBatchView {
  @ApiProperty({ type: [PublishedView], description: 'In the order of the request.' })
  data: PublishedView[];
}

export function publishedView({ id, type, timestamp }: PublishedEvent): PublishedView {
  return { id: encodeId('event', id), type, timestamp };
}
