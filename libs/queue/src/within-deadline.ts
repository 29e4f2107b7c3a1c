import { SignpostError } from '@signpost/domain';

/**
 * Waits for `work`, but not longer than `deadlineMs`; work that settles later is ignored, also when it fails.
 *
 * @param what names the work in the log: `adding to events`
 * @throws SignpostError `unavailable` when the deadline passes first; otherwise whatever `work` throws
 */
export async function withinDeadline<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(queueUnavailable(`${what} took longer than ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error of every call that the queue's server could not serve in time; `internal` is for the log. */
export function queueUnavailable(internal: string, cause?: unknown): SignpostError {
  const message = 'The job queue cannot be reached at the moment.';
  return new SignpostError('unavailable', message, { retryAfterSeconds: 2, internal, cause });
}
