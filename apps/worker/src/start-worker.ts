import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config, createLogger, NestLog } from '@signpost/config';
import { checkKeyRing, checkSchema, SqlClient } from '@signpost/database';
import { DeliveryWorker } from '@signpost/delivery';
import { mintId } from '@signpost/domain';
import { BullJobQueue } from '@signpost/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { ProblemFilter } from './health/problem.filter';
import { registerLoadMetrics } from './load-metrics';
import { WorkerLifecycle } from './worker-lifecycle';
import { WorkerModule } from './worker.module';

/** A worker that takes jobs. */
export interface RunningWorker {
  /** Where its health and metrics are, without a slash at the end. */
  readonly url: string;
  /** Takes no more jobs, finishes what is in flight within the grace period, gives leases back, and ends its connections. */
  close(): Promise<void>;
}

/**
 * Starts the worker of one process.
 *
 * @throws SignpostError `bad_configuration` when the schema is not that of this version or the key ring does not fit the database; else
 *   the error that kept the worker from starting
 */
export async function startWorker(config: Config): Promise<RunningWorker> {
  const logger = createLogger('signpost-worker', config.logLevel);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const problems = new ProblemFilter(logger);
  const app = await NestFactory.create<NestFastifyApplication>(
    WorkerModule.forRoot({ config, logger, metrics }),
    newAdapter(problems),
    { bodyParser: false, abortOnError: false, logger: new NestLog(logger) },
  );
  app.useGlobalFilters(problems);
  try {
    await checkSchema(app.get(DataSource));
    await checkKeyRing(app.get(SqlClient), config.security.keyRing);
    registerLoadMetrics(metrics, {
      worker: app.get(DeliveryWorker),
      sql: app.get(SqlClient),
      queue: app.get(BullJobQueue),
    });
    await app.listen(config.http.workerPort, config.http.host);
    await app.get(WorkerLifecycle).start();
  } catch (error) {
    await app.close();
    throw error;
  }
  const url = (await app.getUrl()).replace(/\/$/, '');
  logger.info({ url }, 'The worker takes jobs.');
  return { url, close: () => app.close() };
}

function newAdapter(problems: ProblemFilter): FastifyAdapter {
  const adapter = new FastifyAdapter({
    genReqId: () => mintId('request', Date.now()),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
  });
  // No route takes a body: none is read.
  adapter.getInstance().removeAllContentTypeParsers();
  return adapter;
}
