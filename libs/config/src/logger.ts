import type { LogLevel } from './settings';
import { types } from 'node:util';
import pino, { type Logger } from 'pino';

/** What the log shows of an error. Other properties may hold what was sent, such as a query's parameters, and stay out. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string | undefined;
  readonly cause?: unknown;
}

/** Makes the log of a process: JSON lines on standard output. */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino({ name, level, serializers: { err: loggedError }, timestamp: pino.stdTimeFunctions.isoTime });
}

function loggedError(error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    stack,
    ...('code' in error ? { code: error.code } : {}),
    ...(cause === undefined ? {} : { cause: loggedError(cause) }),
  } satisfies LoggedError;
}
