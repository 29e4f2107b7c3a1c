import type { Attempt, LeasedDelivery, NextState, Settlement } from '@signpost/delivery';
import { booleanArray, float8Array, realArray, smallintArray, textArray, uuidArray } from './binary-array';

/** One array per column of `result` in the record statement, in the order of its parameters. */
export function deliveryColumns(settlements: readonly Settlement[]): unknown[] {
  return [
    uuidArray(settlements.map(({ delivery }) => delivery.id)),
    uuidArray(settlements.map(({ delivery }) => delivery.leaseId)),
    uuidArray(settlements.map(({ delivery }) => delivery.webhookId)),
    textArray(settlements.map(({ next }) => next.kind)),
    float8Array(settlements.map(({ next }) => (next.kind === 'retry' ? next.delayMs : null))),
    booleanArray(settlements.map(({ attempt }) => attempt !== null)),
    booleanArray(settlements.map(({ attempt, delivery }) => attempt !== null && isScheduled(delivery))),
    smallintArray(settlements.map(({ attempt }) => (attempt === null ? null : statusCodeOf(attempt)))),
    textArray(settlements.map(({ next }) => errorCodeOf(next))),
    float8Array(settlements.map(({ attempt }) => attempt?.startedAtMs ?? null)),
  ];
}

/** One array per column of `attempts` in the record statement, in the order of its parameters. */
export function attemptColumns(settlements: readonly Settlement[]): unknown[] {
  const made = settlements.flatMap(({ delivery, attempt }) => (attempt === null ? [] : [{ delivery, attempt }]));
  const response = made.map(({ attempt }) => attempt.result.response);
  const timings = made.map(({ attempt }) => attempt.result.timings);
  return [
    uuidArray(made.map(({ attempt }) => attempt.id)),
    uuidArray(made.map(({ delivery }) => delivery.id)),
    uuidArray(made.map(({ delivery }) => delivery.storeId)),
    smallintArray(made.map(({ delivery }) => delivery.attemptsMade + 1)),
    textArray(made.map(({ delivery }) => delivery.trigger)),
    float8Array(made.map(({ attempt }) => attempt.startedAtMs)),
    textArray(made.map(({ attempt }) => attempt.request.url)),
    textArray(made.map(({ attempt }) => JSON.stringify(attempt.request.headers))),
    smallintArray(response.map((received) => received?.statusCode ?? null)),
    textArray(response.map((received) => (received === null ? null : JSON.stringify(received.headers)))),
    textArray(response.map((received) => received?.body ?? null)),
    booleanArray(response.map((received) => received?.bodyTruncated ?? false)),
    textArray(made.map(({ attempt }) => attempt.error?.code ?? null)),
    textArray(made.map(({ attempt }) => attempt.error?.message ?? null)),
    realArray(timings.map((timing) => timing.dnsMs)),
    realArray(timings.map((timing) => timing.connectMs)),
    realArray(timings.map((timing) => timing.tlsMs)),
    realArray(timings.map((timing) => timing.firstByteMs)),
    realArray(timings.map((timing) => timing.totalMs)),
  ];
}

/** Manual attempts and tests stand beside the schedule and use none of it up. */
function isScheduled({ trigger }: LeasedDelivery): boolean {
  return trigger === 'schedule' || trigger === 'recovery';
}

function statusCodeOf({ result }: Attempt): number | null {
  return result.response?.statusCode ?? null;
}

function errorCodeOf(next: NextState): string | null {
  return next.kind === 'delivered' || next.kind === 'held' ? null : next.errorCode;
}
