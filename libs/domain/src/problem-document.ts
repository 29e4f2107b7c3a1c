import type { ErrorCode, FieldError, SignpostError } from './signpost-error';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** What every error is answered with (RFC 9457), by API and worker alike. Some codes add members of their own. */
export interface ProblemDocument {
  /** `urn:signpost:problem:` and the code. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** `urn:uuid:` and the id of the request. */
  readonly instance: string;
  readonly errors?: readonly FieldError[];
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

/**
 * The document that describes an error to the caller.
 *
 * @param requestId - a UUID
 */
export function problemOf(error: SignpostError, requestId: string): ProblemDocument {
  return {
    ...error.details,
    type: `urn:signpost:problem:${error.code}`,
    title: error.title,
    status: STATUSES[error.code],
    detail: error.publicMessage,
    code: error.code,
    instance: `urn:uuid:${requestId}`,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
  };
}
