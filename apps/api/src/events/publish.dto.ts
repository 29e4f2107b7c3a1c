import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EVENT_TYPES, type EventType } from '@signpost/domain';
import { BATCH_EVENTS_MAX } from './parse-publish-request';

/** Describes what {@link parsePublishRequest} reads; bodies are not made into this class. */
export class PublishBody {
  @ApiProperty({ enum: EVENT_TYPES, enumName: 'EventType' })
  type: EventType;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Kept and sent exactly as it was written: numbers, the order of keys and escapes stay as they are.',
  })
  data: Record<string, unknown>;

  @ApiPropertyOptional({ format: 'date-time', description: 'When it happened; left out: now.' })
  timestamp?: string;
}

/** Describes what {@link parseBatchRequest} reads. */
export class BatchBody {
  @ApiProperty({ type: [PublishBody], minItems: 1, maxItems: BATCH_EVENTS_MAX })
  events: PublishBody[];
}
