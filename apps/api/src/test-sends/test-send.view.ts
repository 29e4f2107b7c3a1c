import { ApiProperty } from '@nestjs/swagger';
import { composeBody, encodeId } from '@signpost/domain';
import { AttemptErrorView, AttemptRequestView, attemptView, TimingsView } from '../deliveries/attempt.view';
import type { TestOutcome } from './test-send';

export class TestRequestView extends AttemptRequestView {
  @ApiProperty({ description: 'The text that was signed and sent.' })
  body: string;
}

/** What the endpoint answered to a test. */
export class TestSendView {
  @ApiProperty()
  deliveryId: string;

  @ApiProperty()
  eventId: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: there was no answer.' })
  statusCode: number | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    nullable: true,
  })
  headers: Record<string, string | string[]> | null;

  @ApiProperty({ type: String, nullable: true })
  body: string | null;

  @ApiProperty({ description: 'Whether the endpoint sent more than is kept.' })
  bodyTruncated: boolean;

  @ApiProperty()
  durationMs: number;

  @ApiProperty({ type: TimingsView })
  timings: TimingsView;

  @ApiProperty({ type: AttemptErrorView, nullable: true, description: 'Null: a delivery would count as delivered.' })
  error: AttemptErrorView | null;

  @ApiProperty({ type: TestRequestView })
  request: TestRequestView;
}

export function testSendView({ test, attempt }: TestOutcome): TestSendView {
  const { response, error, durationMs, timings, request } = attemptView(attempt);
  const body = composeBody({ type: test.eventType, timestamp: test.timestamp, data: test.data });
  return {
    deliveryId: encodeId('delivery', test.deliveryId),
    eventId: encodeId('event', test.eventId),
    statusCode: response?.statusCode ?? null,
    headers: response?.headers ?? null,
    body: response?.body ?? null,
    bodyTruncated: response?.bodyTruncated ?? false,
    durationMs,
    timings,
    error,
    request: { ...request, body },
  };
}
