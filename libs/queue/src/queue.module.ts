import { BullModule, getQueueToken } from '@nestjs/bullmq';
import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { setDefaultBackendFactory, type IQueueBackend, type Queue } from 'bullmq';
import { BullJobQueue } from './bull-job-queue';
import { JobWorkers } from './job-workers';
import { JOB_OPTIONS, QUEUE_NAMES, type JobQueues } from './jobs';
import { createBullBackend, openQueueBackend } from './open-queue-backend';
import type { QueueBackend, QueueBackendOptions } from './queue-backend';
import { withoutRepeats, type FaultListener } from './queue-fault';

export interface QueueModuleOptions {
  readonly backend: QueueBackendOptions;
  /** How long jobs in work may take to end when the application shuts down. */
  readonly graceMs: number;
  /** Hears of every fault; of repeated ones of the backend, once in ten seconds. */
  readonly onFault: FaultListener;
  /** A clock in milliseconds. */
  readonly now: () => number;
}

export interface QueueModuleAsyncOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  readonly useFactory: FactoryProvider<QueueModuleOptions>['useFactory'];
}

const OPTIONS = Symbol('QueueModuleOptions');
const BACKEND = Symbol('QueueBackend');

/** How many entries are kept in the stream of job events that BullMQ writes for each queue: few, because nobody reads them. */
const EVENTS_KEPT_MAX = 100;

/** Opens the backend of this application, and closes it last: after the workers, when the queues are not used any more. */
@Module({})
class QueueBackendModule implements OnApplicationShutdown {
  constructor(@Inject(BACKEND) private readonly backend: QueueBackend) {}

  static forRootAsync({ imports = [], inject = [], useFactory }: QueueModuleAsyncOptions): DynamicModule {
    const options: Provider = {
      provide: OPTIONS,
      inject,
      useFactory: async (...args: unknown[]): Promise<QueueModuleOptions> => {
        const given = await useFactory(...args);
        return { ...given, onFault: withoutRepeats(given.onFault, given.now) };
      },
    };
    const backend: Provider = {
      provide: BACKEND,
      inject: [OPTIONS],
      useFactory: (given: QueueModuleOptions) => openQueueBackend(given.backend, given.onFault),
    };
    return { module: QueueBackendModule, imports, providers: [options, backend], exports: [OPTIONS, BACKEND] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.backend.close();
  }
}

const jobQueueProvider: Provider = {
  provide: BullJobQueue,
  inject: [OPTIONS, BACKEND, ...QUEUE_NAMES.map((name) => getQueueToken(name))],
  useFactory: (options: QueueModuleOptions, backend: QueueBackend, ...queues: Queue[]) => {
    const byName = Object.fromEntries(queues.map((queue) => [queue.name, queue])) as unknown as JobQueues;
    return new BullJobQueue(backend, byName, options.now, options.onFault);
  },
};

const jobWorkersProvider: Provider = {
  provide: JobWorkers,
  inject: [DiscoveryService, OPTIONS],
  useFactory: (discovery: DiscoveryService, options: QueueModuleOptions) =>
    new JobWorkers(discovery, options.graceMs, options.onFault),
};

/** The job queue of an application: {@link BullJobQueue} adds jobs, {@link JobWorkers} runs the classes that work them. */
@Module({})
export class QueueModule {
  /**
   * @returns a global module. The application does not start when the queue's tables are missing; Redis may be away at the start
   */
  static forRootAsync(options: QueueModuleAsyncOptions): DynamicModule {
    // BullMQ passes a queue's `connection` option to this factory. In Signpost, this option is the backend itself.
    setDefaultBackendFactory<IQueueBackend, QueueBackend>(createBullBackend);
    const backendModule = QueueBackendModule.forRootAsync(options);
    return {
      module: QueueModule,
      global: true,
      imports: [
        backendModule,
        DiscoveryModule,
        BullModule.forRootAsync({
          imports: [backendModule],
          inject: [BACKEND],
          useFactory: (connection: QueueBackend) => ({
            connection,
            streams: { events: { maxLen: EVENTS_KEPT_MAX } },
          }),
        }),
        BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name, defaultJobOptions: JOB_OPTIONS[name] }))),
      ],
      providers: [jobQueueProvider, jobWorkersProvider],
      exports: [BullJobQueue, JobWorkers],
    };
  }
}
