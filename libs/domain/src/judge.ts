import { assertNever } from './assert-never';
import type { AttemptErrorCode, ReceivedResponse, SendResult } from './attempt';
import { attemptErrorSentence } from './attempt-error-sentence';
import { httpStatusText } from './http-status-text';
import { parseRetryAfter } from './retry-after';
import { nextDelayMs } from './retry-schedule';

/** The attempt that is judged, as far as the judgement needs it. */
export interface JudgedAttempt {
  /** Attempts of the automatic schedule made so far, this one included unless it is manual. */
  readonly attemptsMade: number;
  readonly nowMs: number;
  /** In [0, 1), for the jitter. */
  readonly random: number;
  /** Whether a person or a program asked for this attempt, beside the automatic schedule. */
  readonly manual: boolean;
}

export interface RetryPolicy {
  /** Delay before each attempt in milliseconds; its length is the number of attempts. */
  readonly scheduleMs: readonly number[];
}

/**
 * What becomes of a delivery after an attempt.
 * - `delivered`: done.
 * - `retry`: the next attempt is due `delayMs` from now. A null `delayMs` is the verdict on a manual attempt that failed: the
 *   attempt is recorded, the delivery keeps the state and the due time that it has (which may be `failed` already).
 * - `failed`: no further attempt. `disableWebhook` is true when the endpoint said that it wants no events any more (410).
 */
export type Verdict =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'retry';
      readonly delayMs: number | null;
      readonly errorCode: AttemptErrorCode;
      readonly message: string;
    }
  | {
      readonly kind: 'failed';
      readonly errorCode: AttemptErrorCode;
      readonly message: string;
      readonly disableWebhook: boolean;
    };

interface Failure {
  readonly errorCode: AttemptErrorCode;
  readonly message: string;
  /** Whether the endpoint wants no more events; any other failure is worth another attempt. */
  readonly gone: boolean;
}

/**
 * Decides what an attempt means, from nothing but its arguments.
 * Only 2xx delivers; 410 fails at once and disables the webhook, also when the attempt was manual; every other failure is
 * retried until the schedule ends. `Retry-After` of any answer, complete or not, delays the next attempt (RFC 9110 §10.2.3).
 */
export function judge(result: SendResult, attempt: JudgedAttempt, policy: RetryPolicy): Verdict {
  const failure = failureOf(result);
  if (failure === null) return { kind: 'delivered' };
  const { errorCode, message, gone } = failure;
  if (gone) return { kind: 'failed', errorCode, message, disableWebhook: true };
  if (attempt.manual) return { kind: 'retry', delayMs: null, errorCode, message };
  const delayMs = nextDelayMs({
    schedule: policy.scheduleMs,
    attemptsMade: attempt.attemptsMade,
    retryAfterMs: retryAfterMs(result.response, attempt.nowMs),
    random: attempt.random,
  });
  if (delayMs === null) return { kind: 'failed', errorCode, message, disableWebhook: false };
  return { kind: 'retry', delayMs, errorCode, message };
}

function failureOf(result: SendResult): Failure | null {
  switch (result.kind) {
    case 'response':
      return statusFailure(result.response.statusCode);
    case 'error':
      return { errorCode: result.code, message: result.message, gone: false };
    default:
      return assertNever(result);
  }
}

/** The one 3xx that leads to no other address. */
const NOT_MODIFIED = 304;

function statusFailure(statusCode: number): Failure | null {
  if (statusCode >= 200 && statusCode < 300) return null;
  if (statusCode >= 300 && statusCode < 400 && statusCode !== NOT_MODIFIED) {
    const message = attemptErrorSentence('redirect_refused', { statusCode });
    return { errorCode: 'redirect_refused', message, gone: false };
  }
  if (statusCode === 410) {
    const message = `The endpoint answered ${httpStatusText(410)}: it wants no more events. Unless it was a test, that disables the webhook.`;
    return { errorCode: 'http_error', message, gone: true };
  }
  return { errorCode: 'http_error', message: attemptErrorSentence('http_error', { statusCode }), gone: false };
}

function retryAfterMs(response: ReceivedResponse | null, nowMs: number): number | null {
  const header = response?.headers['retry-after'];
  return parseRetryAfter(typeof header === 'string' ? header : header?.[0], nowMs);
}
