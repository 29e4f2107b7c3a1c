import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Config } from '@signpost/config';
import {
  ApiKeyLookup,
  ApiKeyRepository,
  AuditLog,
  createDataSource,
  DatabaseClock,
  DaysAhead,
  isUnavailable,
  PeopleRepository,
  SqlClient,
  StoreRepository,
  WebhookRepository,
} from '@signpost/database';
import { EgressPolicy, sleeplessClock } from '@signpost/delivery';
import { queueBackendOptions, QueueModule } from '@signpost/queue';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { ProblemFilter } from '../problems/problem.filter';
import { RequestPipe } from '../problems/validation-pipe';
import { webhookUrlCheck } from '../webhooks/webhook-url-check';
import { CONFIG } from './config.token';
import { LOGGER } from './logger.token';
import { PublicAddress } from './public-address';
import { RouteTable } from './route-table';
import { WakeSender } from './wake-sender';

/** What a process creates before its modules. */
export interface PlatformValues {
  readonly config: Config;
  readonly logger: Logger;
  /** Takes the metrics of every module. */
  readonly metrics: Registry;
  readonly routes: RouteTable;
}

/**
 * Connections of the queue when it lives in PostgreSQL, in addition to the pool of the database. Few are enough: the API only adds jobs.
 */
const QUEUE_CONNECTIONS = 4;

const nowMs = () => Date.now();
const monotonicMs = () => performance.now();

const repositories: Provider[] = [
  { provide: SqlClient, inject: [DataSource], useFactory: (dataSource: DataSource) => new SqlClient(dataSource) },
  {
    provide: DatabaseClock,
    inject: [SqlClient],
    useFactory: (sql: SqlClient) => new DatabaseClock(sql, monotonicMs, sleeplessClock(monotonicMs, nowMs)),
  },
  {
    provide: DaysAhead,
    inject: [DataSource, LOGGER],
    useFactory: (dataSource: DataSource, logger: Logger) =>
      new DaysAhead(dataSource, (error) => {
        logger.error(
          { err: error },
          'The partitions of the days ahead could not be made; it is tried again in ten minutes.',
        );
      }),
  },
  { provide: ApiKeyLookup, inject: [SqlClient], useFactory: (sql: SqlClient) => new ApiKeyLookup(sql) },
  { provide: AuditLog, inject: [DataSource], useFactory: (dataSource: DataSource) => new AuditLog(dataSource, nowMs) },
  {
    provide: StoreRepository,
    inject: [DataSource, AuditLog],
    useFactory: (dataSource: DataSource, audit: AuditLog) => new StoreRepository(dataSource, audit, nowMs),
  },
  {
    provide: ApiKeyRepository,
    inject: [DataSource, AuditLog, CONFIG],
    useFactory: (dataSource: DataSource, audit: AuditLog, { security }: Config) =>
      new ApiKeyRepository(dataSource, security.keyRing, audit, nowMs),
  },
  {
    provide: PeopleRepository,
    inject: [SqlClient, AuditLog],
    useFactory: (sql: SqlClient, audit: AuditLog) => new PeopleRepository(sql, audit, nowMs),
  },
  {
    provide: WebhookRepository,
    inject: [DataSource, AuditLog],
    useFactory: (dataSource: DataSource, audit: AuditLog) => new WebhookRepository(dataSource, audit, nowMs),
  },
];

/** What all features stand on: configuration, log, metrics, database, queue, and how requests are checked and errors answered. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot({ config, logger, metrics, routes }: PlatformValues): DynamicModule {
    const providers: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: Registry, useValue: metrics },
      { provide: RouteTable, useValue: routes },
      { provide: PublicAddress, useValue: new PublicAddress(config.http.publicUrl) },
      WakeSender,
      ...repositories,
    ];
    return {
      module: PlatformModule,
      imports: [database(config), queue(config, logger)],
      providers: [
        ...providers,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useValue: new RequestPipe(webhookUrlCheck(new EgressPolicy(config.egress))) },
      ],
      exports: providers,
    };
  }
}

function database({ database: { url, poolSize } }: Config): DynamicModule {
  return TypeOrmModule.forRootAsync({
    // A database that is still starting is waited for; one that refuses us is not.
    useFactory: () => ({ type: 'postgres', toRetry: isUnavailable }),
    dataSourceFactory: () => Promise.resolve(createDataSource({ url, poolSize, applicationName: 'signpost-api' })),
  });
}

function queue(config: Config, logger: Logger): DynamicModule {
  return QueueModule.forRootAsync({
    useFactory: () => ({
      backend: queueBackendOptions(config.redis, config.database.directUrl, QUEUE_CONNECTIONS),
      graceMs: config.shutdownGraceMs,
      onFault: (fault) =>
        logger.warn({ kind: fault.kind, queue: fault.queue, err: 'error' in fault ? fault.error : null }, 'queue'),
      now: nowMs,
    }),
  });
}
