import { types } from 'node:util';
import pino, { type Logger } from 'pino';
import { LogStream } from './log-stream';
import type { LogLevel } from './settings';

/** What the log shows of an error. Other properties may hold what was sent, such as a query's parameters, and stay out. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string | undefined;
  readonly cause?: unknown;
}

const STANDARD_OUTPUT = 1;
/** Instead of pino's own stream, which emits an error when the disk is full: the process would end by it, or hang while it ends. */
const stream = new LogStream(STANDARD_OUTPUT);

/** Makes the log of a process: JSON lines on standard output, as far as they can be written there. */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino({ name, level, serializers: { err: loggedError }, timestamp: pino.stdTimeFunctions.isoTime }, stream);
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
