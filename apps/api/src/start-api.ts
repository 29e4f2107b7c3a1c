import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config, createLogger, NestLog } from '@signpost/config';
import { checkKeyRing, checkSchema, DatabaseClock, DaysAhead, SetupLinks, SqlClient } from '@signpost/database';
import { mintId } from '@signpost/domain';
import { BullJobQueue } from '@signpost/queue';
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module';
import { dashboardDirectory, serveDashboardAssets } from './dashboard/dashboard-files';
import { decorateRequests } from './access/access-context';
import { PublishShortcut } from './events/publish-shortcut';
import { KeyUsageRecorder } from './key-usage/key-usage-recorder';
import { publishDocuments } from './openapi/publish-documents';
import { Drain } from './platform/drain';
import { observeRequests } from './platform/observe-requests';
import { decorateWithRoute } from './platform/route-of';
import { RouteTable } from './platform/route-table';
import { addHeaders, securityHeaders } from './platform/security-headers';
import { refuseConnection } from './problems/refuse-connection';
import { sendProblem } from './problems/send-problem';
import { takePortsFromForwardedFor } from './requests/forwarded-for';
import { registerJsonBodies } from './requests/json-body';
import { takeOddRequests } from './requests/odd-requests';

/** An API that takes requests. */
export interface RunningApi {
  /** Where it listens, without a slash at its end. */
  readonly url: string;
  /** Where the first person comes in, once, within a day; null: somebody has. */
  readonly setupUrl: string | null;
  /** Every route that it has. */
  readonly routes: RouteTable;
  /** Takes no new connections, finishes what is in flight within the grace period, and ends its connections. */
  close(): Promise<void>;
}

/** Longer than any address of ours: what cannot exist is then answered like what does not. */
const PATH_PARAMETER_LENGTH_MAX = 1_000;

/** How often it is looked for requests that take too long. */
const CONNECTIONS_CHECKED_MS = 5_000;

/**
 * Starts the API of one process.
 *
 * @throws SignpostError `bad_configuration` when the schema or the key ring is not the database's; else what kept it from starting
 */
export async function startApi(config: Config): Promise<RunningApi> {
  const logger = createLogger('signpost-api', config.logLevel);
  const metrics = new Registry();
  const routes = new RouteTable();
  const drain = new Drain();
  const headers = securityHeaders();
  collectDefaultMetrics({ register: metrics });
  const adapter = newAdapter(config, logger, headers);
  const fastify = adapter.getInstance();
  if (config.http.trustedProxies.length > 0) takePortsFromForwardedFor(fastify);
  routes.observe(fastify);
  drain.observe(fastify);
  observeRequests(fastify, metrics);
  takeOddRequests(fastify);
  registerJsonBodies(fastify);
  decorateRequests(fastify);
  decorateWithRoute(fastify);
  addHeaders(fastify, headers);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot({ config, logger, metrics, routes }),
    adapter,
    { bodyParser: false, abortOnError: false, logger: new NestLog(logger) },
  );
  app.get(KeyUsageRecorder).observe(fastify);
  app.get(PublishShortcut).observe(fastify);
  // After the last request, before connections close: what was answered with 202 need not wait for the sweep.
  fastify.addHook('onClose', () => app.get(BullJobQueue).settled());
  const beside = [app.get(DatabaseClock), app.get(DaysAhead)];
  fastify.addHook('onClose', async () => beside.forEach((one) => one.stop()));
  try {
    await checkSchema(app.get(DataSource));
    await checkKeyRing(app.get(SqlClient), config.security.keyRing);
    for (const one of beside) await one.start();
    publishDocuments(app);
    await serveDashboardAssets(fastify, dashboardDirectory());
    await app.listen(config.http.port, config.http.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const url = (await app.getUrl()).replace(/\/$/, '');
  logger.info({ url }, 'The API takes requests.');
  const setupToken = await app.get(SetupLinks, { strict: false }).mint();
  const setupUrl = setupToken === null ? null : `${config.http.publicUrl ?? url}/setup#token=${setupToken}`;
  return { url, setupUrl, routes, close: () => drain.close(app, config.shutdownGraceMs) };
}

function newAdapter(
  config: Config,
  logger: FastifyBaseLogger,
  headers: Readonly<Record<string, string>>,
): FastifyAdapter {
  const { requestTimeoutMs } = config.http;
  return new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => mintId('request', Date.now()),
    // One for each request costs more than it tells: the few lines that a request can lead to name it themselves.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    bodyLimit: config.http.bodyBytesMax,
    // Without it, Fastify lets a body take for ever, before anybody knows who sends it.
    requestTimeout: requestTimeoutMs,
    http: {
      requestTimeout: requestTimeoutMs,
      // Its default is a minute, and Node gives a body the longer of the two times.
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, CONNECTIONS_CHECKED_MS),
      // It is refused where every answer is a problem document: see takeOddRequests.
      requireHostHeader: false,
    },
    clientErrorHandler: refuseConnection(headers),
    // Fastify takes an empty list for a mistake.
    trustProxy: config.http.trustedProxies.length > 0 ? [...config.http.trustedProxies] : false,
    routerOptions: { maxParamLength: PATH_PARAMETER_LENGTH_MAX },
    // No hook sees these answers.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(error, request, reply.headers(headers)),
    // What comes in while the last requests are finished is served too, and its connection closed.
    return503OnClosing: false,
  });
}
