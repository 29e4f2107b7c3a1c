import { types } from 'node:util';
import { SignpostError } from '@signpost/domain';

/**
 * SQLSTATE classes and codes that mean: PostgreSQL cannot be used now, does not let us (or anybody) in, or its disk fails; soon this may be
 * over.
 */
const AWAY = /^(08|25006|25P03|25P04|28|3D000|53|55000|55P03|57014|57P0|58)/;

/** What the driver and the operating system say when there is no connection to be had. */
const AWAY_MESSAGES =
  /ECONN|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_|EADDRNOTAVAIL|E[MN]FILE|timeout|Connection terminated|connection ended|not queryable|the database system is/i;

/** System calls that make or use a connection, such as `connect` to a socket file that is missing while PostgreSQL does not run. */
const NETWORK_CALLS: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo', 'socket', 'bind', 'read', 'write']);

/** Codes of errors about PostgreSQL's certificate, or ours. */
const TLS_CODES = /^(CERT_|ERR_SSL_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/**
 * Tells a database that is away from a fault of ours.
 *
 * @returns SignpostError `unavailable` with the time after which to try again, or the error as it was
 */
export function asUnavailable(error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  // A statement that was given up, or whose answer was lost, may have been committed.
  const message = 'The database cannot be reached at the moment. What was asked for may have been done all the same.';
  return new SignpostError('unavailable', message, { retryAfterSeconds: 2, cause: error });
}

/** Whether an error says that PostgreSQL cannot be reached, is starting, stopping, or out of connections, or that its disk fails. */
export function isUnavailable(error: unknown): boolean {
  // Our own messages may quote anything, such as the name of an error code.
  if (error instanceof SignpostError) return false;
  // Not `instanceof`: the driver's errors may come from another realm.
  if (!types.isNativeError(error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (AWAY.test(code) || TLS_CODES.test(code)) return true;
  return ('syscall' in error && NETWORK_CALLS.has(error.syscall)) || AWAY_MESSAGES.test(`${code} ${error.message}`);
}
