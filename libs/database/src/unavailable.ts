import { types } from 'node:util';
import { SignpostError } from '@signpost/domain';

/** SQLSTATE classes and codes that mean: PostgreSQL is not there for us now, or its disk is not there for it, and may be soon. */
const AWAY = /^(08|53|58|57P0|25006|55P03|57014)/;

/** What the driver and the operating system say when there is no connection to be had. */
const AWAY_MESSAGES =
  /ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|timeout|Connection terminated|connection ended|not queryable|the database system is/i;

/**
 * Tells a database that is away from a fault of ours.
 *
 * @returns SignpostError `unavailable` with the time after which to try again, or the error as it was
 */
export function asUnavailable(error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  return new SignpostError('unavailable', 'The database cannot be reached at the moment. Nothing was changed.', {
    retryAfterSeconds: 2,
    cause: error,
  });
}

/** Whether an error says that PostgreSQL cannot be reached, is starting, stopping, or out of connections, or that its disk fails. */
export function isUnavailable(error: unknown): boolean {
  // What we say ourselves may quote anything, such as the names of error codes.
  if (error instanceof SignpostError) return false;
  // Not `instanceof`: the driver's errors may come from another realm.
  if (!types.isNativeError(error)) return false;
  const code: unknown = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' && AWAY.test(code)) || AWAY_MESSAGES.test(`${String(code)} ${error.message}`);
}
