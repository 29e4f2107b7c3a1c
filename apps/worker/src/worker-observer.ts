import type { RetentionReport } from '@signpost/database';
import type {
  DeliveryObserver,
  LeasedDelivery,
  NewDelivery,
  NextState,
  RecordOutcome,
  RecoveryObserver,
  RecoveryStep,
  Settlement,
  SweepReport,
} from '@signpost/delivery';
import { encodeId, idTimeMs, type RecoveryId, type WebhookId } from '@signpost/domain';
import type { Logger } from 'pino';
import type { PartitionObserver } from './partition-keeper';
import { Counter, Histogram, type Registry } from 'prom-client';

const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];
const WAIT_BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300];

/** Turns what the pipeline tells of itself into metrics and log lines. */
export class WorkerObserver implements DeliveryObserver, PartitionObserver, RecoveryObserver {
  private readonly deliveries: Counter<'outcome'>;
  private readonly attempts: Histogram<'outcome'>;
  private readonly firstAttempts: Histogram;
  private readonly records: Histogram;
  private readonly faults: Counter<'kind'>;

  constructor(
    metrics: Registry,
    private readonly logger: Logger,
  ) {
    const registers = [metrics];
    this.deliveries = new Counter({
      name: 'signpost_deliveries_total',
      help: 'Deliveries by what became of them: queued at fan-out, requeued by a recovery, and one outcome per attempt.',
      labelNames: ['outcome'],
      registers,
    });
    this.attempts = new Histogram({
      name: 'signpost_attempt_duration_seconds',
      help: 'Time from the start of an attempt to the end of its response or its error.',
      labelNames: ['outcome'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.firstAttempts = new Histogram({
      name: 'signpost_accept_to_first_attempt_seconds',
      help: 'Time from the acceptance of an event to the start of the first attempt to deliver it.',
      buckets: WAIT_BUCKETS,
      registers,
    });
    this.records = new Histogram({
      name: 'signpost_record_duration_seconds',
      help: 'Time of one group commit of results.',
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.faults = new Counter({
      name: 'signpost_worker_faults_total',
      help: 'Faults by kind; each has a line in the log.',
      labelNames: ['kind'],
      registers,
    });
  }

  fannedOut(deliveries: readonly NewDelivery[]): void {
    if (deliveries.length > 0) this.deliveries.inc({ outcome: 'queued' }, deliveries.length);
  }

  attempted({ delivery, attempt, next }: Settlement): void {
    if (attempt === null) return;
    this.attempts.observe({ outcome: next.kind }, attempt.result.timings.totalMs / 1000);
    if (delivery.attemptsMade === 0 && delivery.trigger === 'schedule') {
      this.firstAttempts.observe(Math.max(0, attempt.startedAtMs - idTimeMs(delivery.event.id)) / 1000);
    }
  }

  recorded(settlements: readonly Settlement[], { opened, disabled }: RecordOutcome, durationMs: number): void {
    this.records.observe(durationMs / 1000);
    const outcomes = new Map<NextState['kind'], number>();
    for (const { next } of settlements) outcomes.set(next.kind, (outcomes.get(next.kind) ?? 0) + 1);
    for (const [outcome, count] of outcomes) this.deliveries.inc({ outcome }, count);
    for (const { webhookId, openForMs } of opened) {
      this.logger.warn(
        { webhookId: encodeId('webhook', webhookId), delayMs: openForMs },
        'The circuit breaker of a webhook opened.',
      );
    }
    for (const webhookId of disabled) {
      this.logger.warn(
        { webhookId: encodeId('webhook', webhookId) },
        'A webhook was disabled: its endpoint answered 410.',
      );
    }
  }

  swept(report: SweepReport): void {
    const found = report.batches + report.freed + report.webhooks;
    if (found > 0) this.logger.info(report, 'The sweep put back on its way what it found.');
    if (report.tests > 0) this.logger.info({ tests: report.tests }, 'Tests that no worker took were canceled.');
  }

  disabled(webhookIds: readonly WebhookId[]): void {
    for (const webhookId of webhookIds) {
      this.logger.warn(
        { webhookId: encodeId('webhook', webhookId) },
        'A webhook was disabled: it failed for too long.',
      );
    }
  }

  recoveryStepped(recoveryId: RecoveryId, { requeued, finished }: RecoveryStep): void {
    if (requeued > 0) this.deliveries.inc({ outcome: 'requeued' }, requeued);
    if (finished) this.logger.info({ recoveryId: encodeId('recovery', recoveryId) }, 'A recovery is done.');
  }

  recoveriesResumed(recoveries: number): void {
    if (recoveries > 0) this.logger.info({ recoveries }, 'Recoveries that stood still have got a job again.');
  }

  retained({ dropped, owed, inUse, payloads, counts, hours }: RetentionReport): void {
    if (dropped.length + payloads + counts > 0)
      this.logger.info({ dropped, payloads, counts }, 'What was past its retention is gone.');
    if (hours > 0) this.logger.info({ hours }, 'Counts of old hours are now kept by the day.');
    if (owed.length > 0) this.logger.warn({ owed }, 'Something past its retention is still owed, and was kept.');
    if (inUse !== null)
      this.logger.warn({ inUse }, 'Something past its retention is being read, and is dropped later.');
  }

  retentionFailed(error: unknown): void {
    this.fault('retention', 'Partitions could not be kept; it is tried again in ten minutes.', error);
  }

  recordFailed(error: unknown): void {
    this.fault('record', 'Results could not be recorded.', error);
  }

  enqueueFailed(error: unknown): void {
    this.fault('enqueue', 'A wake could not be added; the sweep will add it.', error);
  }

  claimFailed(webhookId: WebhookId, error: unknown): void {
    this.fault('claim', 'Due deliveries could not be claimed.', error, { webhookId: encodeId('webhook', webhookId) });
  }

  attemptFaulted(delivery: LeasedDelivery, error: unknown): void {
    this.fault('attempt', 'An attempt could not be made.', error, { deliveryId: encodeId('delivery', delivery.id) });
  }

  heartbeatFailed(error: unknown): void {
    this.fault('heartbeat', 'The lease could not be renewed.', error);
  }

  forgottenFreed(deliveries: number): void {
    this.fault('forgotten', `${deliveries} deliveries were leased without an answer; they are due again.`, null);
  }

  lapsed(): void {
    this.fault('lapse', 'The lease of this worker lapsed; it dropped what it held and starts over.', null);
  }

  private fault(kind: string, message: string, error: unknown, context: Record<string, unknown> = {}): void {
    this.faults.inc({ kind });
    this.logger.error({ ...context, kind, err: error }, message);
  }
}
