/** How long each phase of an attempt took, in milliseconds; `null` where the phase did not happen (reused connection, plain http). */
export interface AttemptTimings {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
}

/** Every way in which an attempt can end without a usable answer. Stable: shown in the log, filtered on, counted in metrics. */
export const ATTEMPT_ERROR_CODES = [
  'invalid_url',
  'forbidden_address',
  'dns_failure',
  'connection_refused',
  'connection_reset',
  'connection_timeout',
  'host_unreachable',
  'tls_error',
  'headers_timeout',
  'body_timeout',
  'headers_too_large',
  'invalid_response',
  'redirect_refused',
  'http_error',
  'webhook_disabled',
  'webhook_deleted',
  'payload_expired',
  'unknown_error',
] as const;
export type AttemptErrorCode = (typeof ATTEMPT_ERROR_CODES)[number];

/** The request that an attempt sends; the body is its exact bytes. */
export interface OutgoingRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What was received of a response: names in lower case, the body cut to what is kept. */
export interface ReceivedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** At most the kept number of bytes, decoded as UTF-8 with U+FFFD for invalid bytes and NUL. */
  readonly body: string;
  /** Whether the endpoint sent more than is kept. */
  readonly bodyTruncated: boolean;
}

/** What became of one HTTP request. An `error` may still carry the part of a response that arrived before it. */
export type SendResult =
  | { readonly kind: 'response'; readonly response: ReceivedResponse; readonly timings: AttemptTimings }
  | {
      readonly kind: 'error';
      readonly code: AttemptErrorCode;
      /** One plain sentence a person understands; never holds a secret. */
      readonly message: string;
      readonly response: ReceivedResponse | null;
      readonly timings: AttemptTimings;
    };
