import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Config } from '@signpost/config';
import {
  createDataSource,
  isUnavailable,
  PgClaimLedger,
  PgFailingLedger,
  PgFanOutLedger,
  PgLeaseLedger,
  PgRecoveryLedger,
  PgRegistrySource,
  PgResultLedger,
  PgSweepLedger,
  Retention,
  SqlClient,
} from '@signpost/database';
import {
  DeliveryWorker,
  EgressPolicy,
  FailingWebhooks,
  Recovery,
  type RecoverySettings,
  Sweep,
} from '@signpost/delivery';
import { HttpSender } from '@signpost/delivery/sender';
import { DEFAULT_BREAKER_POLICY, encodeId } from '@signpost/domain';
import { BullJobQueue, JobWorkers, queueBackendOptions, QueueModule } from '@signpost/queue';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { busyShareOfLoop } from './busy-share-of-loop';
import { HealthController } from './health/health.controller';
import { PartitionKeeper } from './partition-keeper';
import { BatchProcessor } from './processors/batch.processor';
import { BulkProcessor } from './processors/bulk.processor';
import { RecoveryProcessor } from './processors/recovery.processor';
import { SweepProcessor } from './processors/sweep.processor';
import { RetryProcessor } from './processors/retry.processor';
import { TestProcessor } from './processors/test.processor';
import { WakeProcessor } from './processors/wake.processor';
import { USER_AGENT } from './user-agent';
import { WorkerLifecycle } from './worker-lifecycle';
import { WorkerObserver } from './worker-observer';

/** What a process creates before its modules. */
export interface WorkerValues {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Registry;
}

const nowMs = (): number => Date.now();

/** PostgreSQL connections of the queue when it lives in PostgreSQL. */
const QUEUE_CONNECTIONS = 6;
const STRANDED_AFTER_MS = 2_000;
const OVERDUE_AFTER_MS = 2_000;
/**
 * A test that is not sent is canceled once an attempt could have ended and this time has passed: by then the API no longer waits for it.
 */
const TEST_MARGIN_MS = 30_000;
const IDEMPOTENCY_KEYS_KEPT_MS = 48 * 60 * 60_000;
const SWEEP_LIMIT = 1_000;
const STRANDED_MAX = 5_000;

/** A probe may take the time of an attempt and this: by then also the result of one that took its whole time is recorded. */
const PROBE_MARGIN_MS = 5_000;

/** With these, a step of a recovery takes some ten milliseconds, so that claims of the same webhooks hardly wait for it. */
const RECOVERY_SETTINGS: RecoverySettings = {
  lookedAtMax: 10_000,
  requeuedMax: 500,
  stalledAfterMs: 10_000,
  stalledMax: 100,
};

/** The worker: jobs come in by the processors, and the delivery library does the rest. */
@Module({})
export class WorkerModule {
  static forRoot(values: WorkerValues): DynamicModule {
    const { config, logger } = values;
    return {
      module: WorkerModule,
      imports: [
        TypeOrmModule.forRootAsync({
          // A database that is still starting is waited for; one that refuses us is not.
          useFactory: () => ({ type: 'postgres', toRetry: isUnavailable }),
          dataSourceFactory: () =>
            Promise.resolve(createDataSource({ ...config.database, applicationName: 'signpost-worker' })),
        }),
        QueueModule.forRootAsync({
          useFactory: () => ({
            backend: queueBackendOptions(config.redis, config.database.directUrl, QUEUE_CONNECTIONS),
            graceMs: config.shutdownGraceMs,
            onFault: (fault) =>
              logger.warn(
                { fault: fault.kind, queue: fault.queue, err: 'error' in fault ? fault.error : null },
                'queue',
              ),
            now: nowMs,
          }),
        }),
      ],
      controllers: [HealthController],
      providers: [
        ...providersOf(values),
        BatchProcessor,
        BulkProcessor,
        WakeProcessor,
        TestProcessor,
        RetryProcessor,
        RecoveryProcessor,
        SweepProcessor,
      ],
    };
  }
}

function providersOf({ config, logger, metrics }: WorkerValues): Provider[] {
  return [
    { provide: Registry, useValue: metrics },
    { provide: SqlClient, inject: [DataSource], useFactory: (dataSource: DataSource) => new SqlClient(dataSource) },
    { provide: WorkerObserver, useFactory: () => new WorkerObserver(metrics, logger) },
    {
      provide: PartitionKeeper,
      inject: [DataSource, WorkerObserver],
      useFactory: (dataSource: DataSource, observer: WorkerObserver) =>
        new PartitionKeeper(dataSource, new Retention(config.database.directUrl, config.retention), observer),
    },
    {
      provide: DeliveryWorker,
      inject: [SqlClient, BullJobQueue, WorkerObserver],
      useFactory: (sql: SqlClient, queue: BullJobQueue, observer: WorkerObserver) =>
        deliveryWorker(config, logger, sql, queue, observer),
    },
    ...sweepProviders(config),
    {
      provide: WorkerLifecycle,
      inject: [DeliveryWorker, JobWorkers, BullJobQueue, PartitionKeeper],
      useFactory: (worker: DeliveryWorker, jobs: JobWorkers, queue: BullJobQueue, partitions: PartitionKeeper) =>
        new WorkerLifecycle(
          worker,
          jobs,
          queue,
          partitions,
          { sweepIntervalMs: config.delivery.sweepIntervalMs, graceMs: config.shutdownGraceMs },
          (error) => logger.warn({ err: error }, 'The sweep could not be scheduled.'),
        ),
    },
  ];
}

/** What the sweep does, beside keeping partitions. */
function sweepProviders(config: Config): Provider[] {
  return [
    {
      provide: Sweep,
      inject: [SqlClient, BullJobQueue],
      useFactory: (sql: SqlClient, queue: BullJobQueue) =>
        new Sweep(new PgSweepLedger(sql), queue, {
          strandedAfterMs: STRANDED_AFTER_MS,
          overdueAfterMs: OVERDUE_AFTER_MS,
          leaseMs: config.delivery.leaseMs,
          testsUnsentAfterMs: config.delivery.attemptTimeoutMs + TEST_MARGIN_MS,
          idempotencyKeysKeptMs: IDEMPOTENCY_KEYS_KEPT_MS,
          limit: SWEEP_LIMIT,
          batchesMax: STRANDED_MAX,
        }),
    },
    {
      provide: FailingWebhooks,
      inject: [SqlClient, BullJobQueue],
      useFactory: (sql: SqlClient, queue: BullJobQueue) =>
        new FailingWebhooks(new PgFailingLedger(sql), queue, config.delivery.disableAfterMs),
    },
    {
      provide: Recovery,
      inject: [SqlClient, BullJobQueue, WorkerObserver],
      useFactory: (sql: SqlClient, queue: BullJobQueue, observer: WorkerObserver) =>
        new Recovery(new PgRecoveryLedger(sql), queue, RECOVERY_SETTINGS, observer),
    },
  ];
}

function deliveryWorker(
  { delivery, egress, security }: Config,
  logger: Logger,
  sql: SqlClient,
  queue: BullJobQueue,
  observer: WorkerObserver,
): DeliveryWorker {
  const sender = new HttpSender({
    policy: new EgressPolicy(egress),
    attemptTimeoutMs: delivery.attemptTimeoutMs,
    responseBytesReadMax: 64 * 1024,
    responseBytesKeptMax: 16 * 1024,
    responseHeaderBytesMax: 16 * 1024,
  });
  const registrySource = new PgRegistrySource(sql, security.keyRing, (apiKeyId, error) =>
    logger.error(
      { apiKeyId: encodeId('apiKey', apiKeyId), err: error },
      'A signing secret does not open; its webhooks are held.',
    ),
  );
  const parts = {
    fanOutLedger: new PgFanOutLedger(sql),
    claimLedger: new PgClaimLedger(sql, delivery.attemptTimeoutMs + PROBE_MARGIN_MS),
    resultLedger: new PgResultLedger(sql, { ...DEFAULT_BREAKER_POLICY, threshold: delivery.breakerThreshold }),
    leaseLedger: new PgLeaseLedger(sql),
    registrySource,
    queue,
    sender,
    observer,
    busyShare: busyShareOfLoop(),
  };
  const worker = new DeliveryWorker(parts, { ...delivery, userAgent: USER_AGENT });
  sql.onConnectionLost(() => worker.doubtLeases());
  return worker;
}
