/** Every error that Signpost answers with, and its title: the same for every occurrence of a code (RFC 9457 §3.1.3). */
export const ERROR_CODES = {
  validation_failed: 'The request is not valid',
  malformed_json: 'The body is not valid JSON',
  unauthenticated: 'Authentication is required',
  forbidden: 'The caller is not allowed to do this',
  not_found: 'There is no such thing',
  conflict: 'The request conflicts with the current state',
  idempotency_conflict: 'The idempotency key was used with another body',
  no_active_api_key: 'There is no active API key to sign with',
  api_key_in_use: 'The API key signs webhooks',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The content type is not supported',
  rate_limited: 'Too many requests',
  unavailable: 'The service is not available at the moment',
  worker_unavailable: 'No worker answered',
  internal_error: 'An unexpected error happened',
  secret_unreadable: 'A stored secret cannot be read',
  bad_configuration: 'The configuration is not valid',
  method_not_allowed: 'The method is not allowed here',
  request_timeout: 'The request took too long',
  headers_too_large: 'The headers are too large',
  setup_due: 'Signpost has not been set up yet',
  sign_in_failed: 'The sign-in failed',
  confirmation_failed: 'The password or code is wrong',
  recent_sign_in_required: 'A recent sign-in is required',
  link_invalid: 'The link is not valid',
  already_exists: 'It exists already',
  last_owner: 'The store has no other owner',
  webhook_disabled: 'The webhook is disabled',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** One rule that one field of a request broke. */
export interface FieldError {
  /** Path from the root of the body or query: `events[3].type`. Empty for the whole. */
  readonly field: string;
  /** Stable name of the broken rule, for programs: `required`, `unknown_event_type`. */
  readonly rule: string;
  /** One sentence for people. */
  readonly message: string;
}

export interface SignpostErrorOptions {
  /** For the log alone; may name internals, never a secret. */
  readonly internal?: string;
  readonly fields?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  /** Extra members of the problem document; public. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The one error class: a stable code, a message for the caller, and another message for the log. It does not know its HTTP status;
 * `problemOf` does.
 */
export class SignpostError extends Error {
  override readonly name = 'SignpostError';
  /** The code's fixed title. */
  readonly title: string;
  readonly internal: string | undefined;
  readonly fields: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    readonly code: ErrorCode,
    /** A plain sentence that may be shown to anybody who made the request. */
    readonly publicMessage: string,
    options: SignpostErrorOptions = {},
  ) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause });
    this.title = ERROR_CODES[code];
    this.internal = options.internal;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details;
  }
}
