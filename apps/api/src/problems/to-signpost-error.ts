import { HttpException } from '@nestjs/common';
import { asUnavailable } from '@signpost/database';
import { type ErrorCode, SignpostError } from '@signpost/domain';

/** What a caller is told of an error that HTTP itself, Fastify or Nest found. */
const BY_STATUS: ReadonlyMap<number, readonly [ErrorCode, string]> = new Map([
  [400, ['validation_failed', 'The request cannot be read.']],
  [401, ['unauthenticated', 'The credentials are missing or not valid.']],
  [403, ['forbidden', 'This is not allowed.']],
  [404, ['not_found', 'There is nothing at this address.']],
  // An address too long to be one of ours.
  [414, ['not_found', 'There is nothing at this address.']],
  [413, ['payload_too_large', 'The body is larger than this server reads.']],
  [415, ['unsupported_media_type', 'The body must be sent as application/json.']],
  [429, ['rate_limited', 'Too many requests.']],
  [503, ['unavailable', 'The service is not available at the moment.']],
]);

/**
 * Turns anything that was thrown into the error to answer with. An error that is not meant for callers becomes `internal_error`, whose
 * message tells nothing about the cause; the cause is for the log.
 */
export function toSignpostError(thrown: unknown): SignpostError {
  const status = statusOf(thrown);
  // An error of a framework is not taken for a sign that the database is away: its message may quote the request's address, and with it the
  // words by which such errors are told.
  const error = status === null ? asUnavailable(thrown) : thrown;
  if (error instanceof SignpostError) return error;
  const [code, message] = BY_STATUS.get(status ?? 500) ?? ['internal_error', 'An unexpected error happened.'];
  return new SignpostError(code, message, {
    cause: error,
    ...(code === 'unavailable' ? { retryAfterSeconds: 1 } : {}),
  });
}

/** The status that an error of Nest or Fastify asks for; null for all others. */
function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('FST_')) return null;
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}
