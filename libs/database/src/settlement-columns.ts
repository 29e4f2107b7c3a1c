import type { Attempt, LeasedDelivery, NextState, Settlement } from '@signpost/delivery';

/** One array per column of `result` in the record statement, in the order of its parameters. */
export function deliveryColumns(settlements: readonly Settlement[]): unknown[] {
  return [
    settlements.map(({ delivery }) => delivery.id),
    settlements.map(({ delivery }) => delivery.leaseId),
    settlements.map(({ delivery }) => delivery.webhookId),
    settlements.map(({ next }) => next.kind),
    settlements.map(({ next }) => (next.kind === 'retry' ? next.delayMs : null)),
    settlements.map(({ attempt }) => attempt !== null),
    settlements.map(({ attempt, delivery }) => attempt !== null && isScheduled(delivery)),
    settlements.map(({ attempt }) => (attempt === null ? null : statusCodeOf(attempt))),
    settlements.map(({ next }) => errorCodeOf(next)),
    settlements.map(({ attempt }) => attempt?.startedAtMs ?? null),
  ];
}

/** One array per column of `attempts` in the record statement, in the order of its parameters. */
export function attemptColumns(settlements: readonly Settlement[]): unknown[] {
  const made = settlements.flatMap(({ delivery, attempt }) => (attempt === null ? [] : [{ delivery, attempt }]));
  const response = made.map(({ attempt }) => attempt.result.response);
  const timings = made.map(({ attempt }) => attempt.result.timings);
  return [
    made.map(({ attempt }) => attempt.id),
    made.map(({ delivery }) => delivery.id),
    made.map(({ delivery }) => delivery.storeId),
    made.map(({ delivery }) => delivery.attemptsMade + 1),
    made.map(({ delivery }) => delivery.trigger),
    made.map(({ attempt }) => attempt.startedAtMs),
    made.map(({ attempt }) => attempt.request.url),
    made.map(({ attempt }) => JSON.stringify(attempt.request.headers)),
    response.map((received) => received?.statusCode ?? null),
    response.map((received) => (received === null ? null : JSON.stringify(received.headers))),
    response.map((received) => received?.body ?? null),
    response.map((received) => received?.bodyTruncated ?? false),
    made.map(({ attempt }) => attempt.error?.code ?? null),
    made.map(({ attempt }) => attempt.error?.message ?? null),
    timings.map((timing) => timing.dnsMs),
    timings.map((timing) => timing.connectMs),
    timings.map((timing) => timing.tlsMs),
    timings.map((timing) => timing.firstByteMs),
    timings.map((timing) => timing.totalMs),
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
