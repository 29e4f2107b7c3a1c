import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SignpostClientError } from '@signpost/client';
import { type Config, loadConfig, type ReadyMessage, unknownSettingLines } from '@signpost/config';
import type { CommandContext } from '../command';
import { checkSettings, completeSettings, type LocalSettings, settingOf } from '../local/local-settings';
import { makeDataDir } from '../local/make-data-dir';
import { lookAtDatabase, migrate } from '../local/open-database';
import { lookAtRedis } from '../local/look-at-queue';
import { OperatorApi } from '../operator-api';
import { appMain } from '../project-paths';
import { checkPort } from './check-port';
import { claimDataDir, type DataDirClaim } from './claim-data-dir';
import { DemoDesk } from './demo-desk';
import { KeptDatabase } from './kept-database';
import { ManagedService } from './managed-service';
import { SetupNotice } from './setup-notice';
import { signpostLines } from './signpost-lines';
import { StopSignals } from '../stop-signals';

export interface UpOptions {
  /** Prints the operator token itself instead of where it is. */
  readonly showToken: boolean;
  readonly withDemo: boolean;
}

/** What was started and has to be stopped, in the opposite order. */
type Closers = (() => Promise<void>)[];

interface Up {
  readonly context: CommandContext;
  readonly config: Config;
  readonly settings: LocalSettings;
  readonly claim: DataDirClaim;
  readonly closers: Closers;
  readonly signals: StopSignals;
  readonly setup: SetupNotice;
}

const READY_MS_MAX = 60_000;
const READY_POLL_MS = 50;
/** How much longer than their grace period the processes of a killed `up` may need to end. */
const GRACE_EXTRA_MS = 5_000;

/**
 * Starts everything on this machine, stays until it is told to stop, and stops everything it started.
 *
 * @throws SignpostError, EmbeddedPostgresError: what kept it from starting, as lines for the person at the terminal
 */
export async function runUp(options: UpOptions, context: CommandContext): Promise<number> {
  const signals = new StopSignals();
  const closers: Closers = [];
  try {
    await start(options, context, signals, closers);
    await aborted(signals.stop);
  } catch (error) {
    // Ctrl-C in the terminal also reaches programs that are just being started, and makes them fail.
    if (!signals.stop.aborted) throw error;
  } finally {
    if (signals.stop.aborted) context.say('Stopping; Ctrl-C again ends everything at once.');
    await closeAll(closers);
    signals.dispose();
  }
  context.say('Everything has stopped.');
  return 0;
}

/** Stops all, also when one of them cannot be stopped. */
async function closeAll(closers: Closers): Promise<void> {
  const faults: unknown[] = [];
  for (const close of closers.reverse()) await close().catch((fault: unknown) => faults.push(fault));
  if (faults.length > 0) throw faults[0];
}

async function start(
  options: UpOptions,
  context: CommandContext,
  signals: StopSignals,
  closers: Closers,
): Promise<void> {
  const startedMs = performance.now();
  const { say } = context;
  unknownSettingLines(context.env).forEach(say);
  const checked = checkSettings(context.env);
  const { dataDir } = checked;
  await makeDataDir(dataDir);
  const settings = await completeSettings(context.env, dataDir);
  const claim = await claimDataDir({ dataDir, graceMs: checked.shutdownGraceMs + GRACE_EXTRA_MS, say });
  closers.push(() => claim.release());
  await checkSurroundings(checked, settings.env);

  say(`Signpost starts; its data are in ${dataDir}.`);
  const database = await KeptDatabase.open({ env: context.env, dataDir, say }, signals.stop);
  closers.push(() => database.close());
  signals.stop.throwIfAborted();
  const { migrations } = await migrate(database.url);
  if (migrations.length > 0) say(`The database is at this version now; migrations that ran: ${migrations.length}.`);
  const env = { ...settings.env, DATABASE_URL: settingOf(settings.env, 'DATABASE_URL') ?? database.url };
  const config = loadConfig(env);
  signals.stop.throwIfAborted();

  const setup = new SetupNotice(say);
  const up: Up = { context, config, settings: { ...settings, env }, claim, closers, signals, setup };
  const desk = options.withDemo ? await openDesk(up) : null;
  const url = await startServices(up);
  say(`API and worker are ready after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s.`);
  const api = new OperatorApi(url, settings.operatorToken);
  const demo = desk === null ? null : await runDemo(desk, api, up);
  const { showToken } = options;
  for (const line of signpostLines({ url, dataDir, directory: context.directory, settings, showToken, demo }))
    say(line);
  setup.show();
}

/**
 * Checks, before anything is started, what depends on others: that the ports are free, and that PostgreSQL and Redis answer where the
 * settings name them.
 */
async function checkSurroundings({ http, redis }: Config, env: NodeJS.ProcessEnv): Promise<void> {
  const { host, port } = http;
  await checkPort({ portSetting: 'PORT', port, host });
  await checkPort({ portSetting: 'WORKER_PORT', port: Number(env['WORKER_PORT']), host });
  const databaseUrl = settingOf(env, 'DATABASE_URL');
  if (databaseUrl !== undefined) await lookAtDatabase(databaseUrl);
  if (redis !== null) await lookAtRedis(redis);
}

async function openDesk({ config, context, closers }: Up): Promise<DemoDesk> {
  const desk = await DemoDesk.open({ dataDir: config.dataDir, directory: context.directory, say: context.say });
  closers.push(() => desk.close());
  return desk;
}

/** A demo that cannot be finished is no reason to stop what runs. */
async function runDemo(desk: DemoDesk, api: OperatorApi, { context, signals }: Up) {
  try {
    return await desk.run(api, signals.stop);
  } catch (error) {
    if (!(error instanceof SignpostClientError)) throw error;
    context.say(`The demo could not be finished: ${error.message}`);
    return null;
  }
}

/** Starts API and worker at the same time and waits until both say that they are ready. Returns the address of the API. */
async function startServices(up: Up): Promise<string> {
  const started = ['api', 'worker'].map((app) => startService(up, app === 'api' ? 'api' : 'worker'));
  // Waits for both, so that when one fails the other one can still be stopped.
  const results = await Promise.allSettled(started);
  const services = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  up.closers.push(async () => {
    const kill = (): void => services.forEach(({ service }) => service.kill());
    up.signals.kill.addEventListener('abort', kill);
    await Promise.all(services.map(({ service }) => service.stop(up.config.shutdownGraceMs)));
  });
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  await Promise.all(services.map(({ url }) => untilReady(url, up.signals.stop)));
  return services[0]?.url ?? '';
}

function startService({ context, config, settings, claim, signals, setup }: Up, app: 'api' | 'worker') {
  const name = app === 'api' ? 'API' : 'worker';
  const options = {
    name,
    script: appMain(app),
    env: settings.env,
    logFile: join(config.dataDir, `${app}.log`),
    say: context.say,
    onReady: (message: ReadyMessage) => setup.hear(message),
    onStart: (pid: number) => claim.note(name, pid),
    // People and webhooks know the API's address by now.
    restartEnv: (url: string) => (app === 'api' ? { ...settings.env, PORT: new URL(url).port } : settings.env),
  };
  return ManagedService.start(options, signals.stop);
}

async function untilReady(url: string, stop: AbortSignal): Promise<void> {
  const lastMs = performance.now() + READY_MS_MAX;
  for (;;) {
    const response = await fetch(`${url}/readyz`, { signal: stop });
    const text = await response.text();
    if (response.ok) return;
    if (performance.now() > lastMs) throw SignpostClientError.ofAnswer(response.status, text);
    await delay(READY_POLL_MS);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
