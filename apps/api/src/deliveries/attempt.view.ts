import { ApiProperty } from '@nestjs/swagger';
import type { AttemptRow } from '@signpost/database';
import type { AttemptTrigger } from '@signpost/delivery';
import { ATTEMPT_ERROR_CODES, attemptErrorHint, type AttemptTimings, encodeId } from '@signpost/domain';
import { ATTEMPT_TRIGGERS } from './delivery.view';

/** How long each phase took, in milliseconds; null where it did not happen, as on a connection that was used before. */
export class TimingsView implements AttemptTimings {
  @ApiProperty({ type: Number, nullable: true })
  dnsMs: number | null;

  @ApiProperty({ type: Number, nullable: true })
  connectMs: number | null;

  @ApiProperty({ type: Number, nullable: true })
  tlsMs: number | null;

  @ApiProperty({ type: Number, nullable: true })
  firstByteMs: number | null;

  @ApiProperty()
  totalMs: number;
}

export class AttemptErrorView {
  @ApiProperty({ example: 'connection_refused' })
  code: string;

  @ApiProperty({ description: 'One plain sentence.' })
  message: string;

  @ApiProperty({ description: 'What can be done about it, in one plain sentence.' })
  hint: string;
}

export class AttemptRequestView {
  @ApiProperty()
  url: string;

  @ApiProperty({ enum: ['POST'] })
  method: 'POST';

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  headers: Record<string, string>;
}

export class AttemptResponseView {
  @ApiProperty()
  statusCode: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  })
  headers: Record<string, string | string[]>;

  @ApiProperty()
  body: string;

  @ApiProperty({ description: 'Whether the endpoint sent more than is kept.' })
  bodyTruncated: boolean;
}

/** One HTTP request that was made for a delivery. */
export class AttemptView {
  @ApiProperty({ example: 'att_01jp9b4c2q8r5v1x7z3t9w0y4m' })
  id: string;

  @ApiProperty({ description: 'Its place in the automatic schedule; one that is made by hand takes none.' })
  number: number;

  @ApiProperty({ enum: ATTEMPT_TRIGGERS, enumName: 'AttemptTrigger' })
  trigger: AttemptTrigger;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: there was no answer.' })
  statusCode: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'connection_refused',
    description: 'Null: the attempt delivered.',
  })
  errorCode: string | null;

  @ApiProperty({ format: 'date-time' })
  startedAt: string;

  @ApiProperty()
  durationMs: number;

  @ApiProperty({ type: TimingsView })
  timings: TimingsView;

  @ApiProperty({ type: AttemptRequestView, description: 'Its body is the delivery’s `requestBody`.' })
  request: AttemptRequestView;

  @ApiProperty({ type: AttemptResponseView, nullable: true, description: 'Null: there was none.' })
  response: AttemptResponseView | null;

  @ApiProperty({ type: AttemptErrorView, nullable: true, description: 'Null: the attempt delivered.' })
  error: AttemptErrorView | null;
}

export function attemptView(attempt: AttemptRow): AttemptView {
  return {
    id: encodeId('attempt', attempt.id),
    number: attempt.number,
    trigger: attempt.trigger,
    statusCode: attempt.statusCode,
    errorCode: attempt.errorCode,
    startedAt: attempt.startedAt.toISOString(),
    durationMs: attempt.durationMs,
    timings: timingsOf(attempt),
    request: { url: attempt.url, method: 'POST', headers: readHeaders<string>(attempt.requestHeaders) },
    response: responseOf(attempt),
    error: errorOf(attempt),
  };
}

function timingsOf({ dnsMs, connectMs, tlsMs, firstByteMs, durationMs }: AttemptRow): TimingsView {
  return { dnsMs, connectMs, tlsMs, firstByteMs, totalMs: durationMs };
}

function responseOf(attempt: AttemptRow): AttemptResponseView | null {
  if (attempt.statusCode === null) return null;
  return {
    statusCode: attempt.statusCode,
    headers: readHeaders<string | string[]>(attempt.responseHeaders ?? '{}'),
    body: attempt.responseBody ?? '',
    bodyTruncated: attempt.responseTruncated,
  };
}

function errorOf({ errorCode, errorMessage }: AttemptRow): AttemptErrorView | null {
  return errorCode === null ? null : { code: errorCode, message: errorMessage ?? '', hint: hintFor(errorCode) };
}

/** A code that this version does not know was recorded by a newer one. */
function hintFor(errorCode: string): string {
  return attemptErrorHint(ATTEMPT_ERROR_CODES.find((code) => code === errorCode) ?? 'unknown_error');
}

/** Headers are recorded by Signpost itself, as the JSON text of one object. */
function readHeaders<Value>(text: string): Record<string, Value> {
  return JSON.parse(text) as Record<string, Value>;
}
