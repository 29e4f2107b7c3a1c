import type { QueueName } from './jobs';

/** A fault of the queue that an operator should be able to read about. No fault loses any work. */
export type QueueFault =
  /** The queue's server cannot be reached or refuses; `queue` is null when all queues are concerned. */
  | { readonly kind: 'backend'; readonly queue: QueueName | null; readonly error: Error }
  /** A processor threw. `final`: the job is gone, and the sweep has to bring its work back. */
  | {
      readonly kind: 'job_failed';
      readonly queue: QueueName;
      readonly jobId: string | undefined;
      readonly final: boolean;
      readonly error: unknown;
    }
  /** A worker died, or was busy for too long, with this job: it is taken back and run again. */
  | { readonly kind: 'job_stalled'; readonly queue: QueueName; readonly jobId: string };

export type FaultListener = (fault: QueueFault) => void;

const REPEATED_AFTER_MS = 10_000;
const MESSAGES_REMEMBERED_MAX = 100;

/**
 * Passes faults on, but each message of the backend only once in ten seconds. During an outage every connection reports every attempt to
 * connect; so many lines would hide the one that matters.
 *
 * @param now a clock in milliseconds
 */
export function withoutRepeats(listener: FaultListener, now: () => number): FaultListener {
  const lastReportedMs = new Map<string, number>();
  return (fault) => {
    if (fault.kind === 'backend') {
      const nowMs = now();
      const last = lastReportedMs.get(fault.error.message);
      if (last !== undefined && nowMs - last < REPEATED_AFTER_MS) return;
      if (lastReportedMs.size >= MESSAGES_REMEMBERED_MAX) lastReportedMs.clear();
      lastReportedMs.set(fault.error.message, nowMs);
    }
    listener(fault);
  };
}
