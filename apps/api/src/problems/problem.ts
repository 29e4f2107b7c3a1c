import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode, type SignpostError } from '@signpost/domain';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** One rule that one field of the request broke. */
export class ProblemFieldError {
  @ApiProperty({ description: 'Path from the root of the body or query: `events[3].type`.' })
  field: string;

  @ApiProperty({ description: 'Stable name of the broken rule.', examples: ['required', 'unknown_property'] })
  rule: string;

  @ApiProperty({ description: 'One sentence for people.' })
  message: string;
}

/** What every error is answered with (RFC 9457). Some codes add members of their own. */
export class Problem {
  @ApiProperty({ format: 'uri', example: 'urn:signpost:problem:not_found' })
  type: string;

  @ApiProperty({ description: 'The same for every occurrence of a code.' })
  title: string;

  @ApiProperty({ type: 'integer', description: 'The HTTP status.' })
  status: number;

  @ApiProperty({ description: 'What happened this time.' })
  detail: string;

  @ApiProperty({ enum: Object.keys(ERROR_CODES), enumName: 'ErrorCode', description: 'Stable, for programs.' })
  code: ErrorCode;

  @ApiProperty({ format: 'uri', description: 'Names this request; the log has it under the same id.' })
  instance: string;

  @ApiPropertyOptional({ type: [ProblemFieldError], description: 'Every broken rule of every field.' })
  errors?: ProblemFieldError[];
}

/** The only place that knows which HTTP status goes with which code. */
const STATUSES: Readonly<Record<ErrorCode, number>> = {
  validation_failed: 400,
  malformed_json: 400,
  unauthenticated: 401,
  sign_in_failed: 401,
  forbidden: 403,
  confirmation_failed: 403,
  recent_sign_in_required: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  idempotency_conflict: 409,
  no_active_api_key: 409,
  api_key_in_use: 409,
  already_exists: 409,
  last_owner: 409,
  webhook_disabled: 409,
  setup_due: 409,
  link_invalid: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  headers_too_large: 431,
  internal_error: 500,
  secret_unreadable: 500,
  bad_configuration: 500,
  unavailable: 503,
  worker_unavailable: 504,
};

/** The document that tells the caller of an error. */
export function problemOf(error: SignpostError, requestId: string): Problem {
  return {
    ...error.details,
    type: `urn:signpost:problem:${error.code}`,
    title: error.title,
    status: STATUSES[error.code],
    detail: error.publicMessage,
    code: error.code,
    instance: `urn:uuid:${requestId}`,
    ...(error.fields.length > 0 ? { errors: [...error.fields] } : {}),
  };
}
