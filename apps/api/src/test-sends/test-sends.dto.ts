import { ApiPropertyOptional } from '@nestjs/swagger';
import { SUBSCRIBABLE_EVENT_TYPES, type SubscribableEventType } from '@signpost/domain';

/** Describes what {@link parseTestRequest} reads; bodies are not made into this class. */
export class TestSendBody {
  @ApiPropertyOptional({
    enum: SUBSCRIBABLE_EVENT_TYPES,
    description: 'Left out: the first one that the webhook subscribes to.',
  })
  eventType?: SubscribableEventType;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'Sent exactly as it was written; left out: the sample of the type.',
  })
  data?: Record<string, unknown>;
}
