import type { Attempt, LeasedDelivery, NextState, Settlement } from '@signpost/delivery';
import {
  booleanArray,
  float8Array,
  realArray,
  smallintArray,
  textArray,
  timestampArray,
  uuidArray,
} from './binary-array';

/** One array per column of `result` in the record statement, in the order of its parameters. */
export function deliveryColumns(settlements: readonly Settlement[]): unknown[] {
  return [
    uuidArray(settlements, ({ delivery }) => delivery.id),
    uuidArray(settlements, ({ delivery }) => delivery.leaseId),
    textArray(settlements, ({ next }) => next.kind),
    float8Array(settlements, ({ next }) => (next.kind === 'retry' ? next.delayMs : null)),
    booleanArray(settlements, ({ attempt }) => attempt !== null),
    booleanArray(settlements, ({ attempt, delivery }) => attempt !== null && isScheduled(delivery)),
    smallintArray(settlements, ({ attempt }) => (attempt === null ? null : statusCodeOf(attempt))),
    textArray(settlements, ({ next }) => errorCodeOf(next)),
    timestampArray(settlements, ({ attempt }) => attempt?.startedAtMs ?? null),
  ];
}

/** One array per column of `attempts` in the record statement, in the order of its parameters. */
export function attemptColumns(settlements: readonly Settlement[]): unknown[] {
  const made = settlements.flatMap(({ delivery, attempt }) => (attempt === null ? [] : [{ delivery, attempt }]));
  return [
    uuidArray(made, ({ attempt }) => attempt.id),
    uuidArray(made, ({ delivery }) => delivery.id),
    uuidArray(made, ({ delivery }) => delivery.storeId),
    smallintArray(made, ({ delivery }) => delivery.attemptsMade + 1),
    textArray(made, ({ delivery }) => delivery.trigger),
    timestampArray(made, ({ attempt }) => attempt.startedAtMs),
    textArray(made, ({ attempt }) => attempt.request.url),
    textArray(made, ({ attempt }) => JSON.stringify(attempt.request.headers)),
    smallintArray(made, ({ attempt }) => statusCodeOf(attempt)),
    textArray(made, ({ attempt: { result } }) =>
      result.response === null ? null : JSON.stringify(result.response.headers),
    ),
    textArray(made, ({ attempt }) => attempt.result.response?.body ?? null),
    booleanArray(made, ({ attempt }) => attempt.result.response?.bodyTruncated ?? false),
    textArray(made, ({ attempt }) => attempt.error?.code ?? null),
    textArray(made, ({ attempt }) => attempt.error?.message ?? null),
    realArray(made, ({ attempt }) => attempt.result.timings.dnsMs),
    realArray(made, ({ attempt }) => attempt.result.timings.connectMs),
    realArray(made, ({ attempt }) => attempt.result.timings.tlsMs),
    realArray(made, ({ attempt }) => attempt.result.timings.firstByteMs),
    realArray(made, ({ attempt }) => attempt.result.timings.totalMs),
  ];
}

/** Whether an attempt for this delivery is one of the schedule. Retries by hand and tests use up none of the schedule's attempts. */
export function isScheduled({ trigger }: LeasedDelivery): boolean {
  return trigger === 'schedule' || trigger === 'recovery';
}

function statusCodeOf({ result }: Attempt): number | null {
  return result.response?.statusCode ?? null;
}

function errorCodeOf(next: NextState): string | null {
  return next.kind === 'delivered' || next.kind === 'held' ? null : next.errorCode;
}
