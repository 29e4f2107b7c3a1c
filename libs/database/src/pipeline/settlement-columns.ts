import type { Attempt, LeasedDelivery, NextState, Settlement } from '@signpost/delivery';
import { column, type Columns } from '../sql/column';

/** What the record statement needs of each settlement. */
export const RESULT_COLUMNS = {
  delivery_id: column.uuid(({ delivery }) => delivery.id),
  lease_id: column.uuid(({ delivery }) => delivery.leaseId),
  next: column.text(({ next }) => next.kind),
  delay_ms: column.float8(({ next }) => (next.kind === 'retry' ? next.delayMs : null)),
  attempted: column.boolean(({ attempt }) => attempt !== null),
  scheduled: column.boolean(({ attempt, delivery }) => attempt !== null && isScheduled(delivery)),
  status_code: column.smallint(({ attempt }) => (attempt === null ? null : statusCodeOf(attempt))),
  error_code: column.text(({ next }) => errorCodeOf(next)),
  started_at: column.timestamptz(({ attempt }) => attempt?.startedAtMs ?? null),
} satisfies Columns<Settlement>;

/** An attempt, and the delivery that it was made for. */
export interface MadeAttempt {
  readonly delivery: LeasedDelivery;
  readonly attempt: Attempt;
}

/** The columns of `attempts`. */
export const ATTEMPT_COLUMNS = {
  id: column.uuid(({ attempt }) => attempt.id),
  delivery_id: column.uuid(({ delivery }) => delivery.id),
  store_id: column.uuid(({ delivery }) => delivery.storeId),
  number: column.smallint(({ delivery }) => delivery.attemptsMade + 1),
  trigger: column.text(({ delivery }) => delivery.trigger),
  started_at: column.timestamptz(({ attempt }) => attempt.startedAtMs),
  url: column.text(({ attempt }) => attempt.request.url),
  request_headers: column.text(({ attempt }) => JSON.stringify(attempt.request.headers)),
  status_code: column.smallint(({ attempt }) => statusCodeOf(attempt)),
  response_headers: column.text(({ attempt: { result } }) =>
    result.response === null ? null : JSON.stringify(result.response.headers),
  ),
  response_body: column.text(({ attempt }) => attempt.result.response?.body ?? null),
  response_truncated: column.boolean(({ attempt }) => attempt.result.response?.bodyTruncated ?? false),
  error_code: column.text(({ attempt }) => attempt.error?.code ?? null),
  error_message: column.text(({ attempt }) => attempt.error?.message ?? null),
  dns_ms: column.real(({ attempt }) => attempt.result.timings.dnsMs),
  connect_ms: column.real(({ attempt }) => attempt.result.timings.connectMs),
  tls_ms: column.real(({ attempt }) => attempt.result.timings.tlsMs),
  first_byte_ms: column.real(({ attempt }) => attempt.result.timings.firstByteMs),
  duration_ms: column.real(({ attempt }) => attempt.result.timings.totalMs),
} satisfies Columns<MadeAttempt>;

/** The attempts that led to settlements. */
export function attemptsOf(settlements: readonly Settlement[]): MadeAttempt[] {
  return settlements.flatMap(({ delivery, attempt }) => (attempt === null ? [] : [{ delivery, attempt }]));
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
