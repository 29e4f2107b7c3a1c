import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Fault } from '../chaos/fault';
import { FAULTS } from '../chaos/faults';
import { CHAOS_BACKENDS, type ChaosBackend } from '../chaos/queue-under-test';
import { isUnharmed, renderChaos } from '../chaos/render-chaos';
import { runChaos } from '../chaos/run-chaos';
import type { Command } from '../command';
import { checkWritable, makeDirectory } from '../output-paths';
import { readArguments } from '../read-arguments';
import { STOPPED } from '../stop-signals';
import { UsageError } from '../usage-error';

const SECONDS_MAX = 3_600;

export const chaos: Command = {
  usage: [
    'signpost chaos [--backend redis|postgres|both] [--fault <name>,…] [--seconds <n>] [--rate <n>] [--json <file>] [--logs <directory>]',
    '',
    '  --backend <queue>     where the jobs live; default: both, one after the other',
    '  --fault <name>,…      default: all of them',
    ...FAULTS.map(({ name, title }) => `                          ${name.padEnd(24)} ${title}`),
    '  --seconds <n>         how long each fault goes on to strike (default 30); each strikes at least once',
    '  --rate <n>            events that are published a second meanwhile (default 50)',
    '  --json <file>         writes all figures there',
    '  --logs <directory>    keeps the logs of API and workers there',
    '',
    'Starts its own PostgreSQL, Redis, API, workers and receiver on 127.0.0.1, kills, freezes and cuts off their processes while',
    'events are published, and ends and removes everything.',
    'Exit code 1: an event was lost, was sent twice without need, came late, or something did not settle.',
  ],
  async run(args, { env, say, directory }) {
    const { values } = readArguments(args, OPTIONS);
    const what = {
      backends: backendsOf(values.backend),
      faults: faultsOf(values.fault),
      durationMs: numberOf(values.seconds, '--seconds', SECONDS_MAX) * 1_000,
      eventsPerSecond: numberOf(values.rate, '--rate', 1_000),
    };
    const file = (path: string | undefined): string | null => (path === undefined ? null : resolve(directory, path));
    const [logDirectory, json] = [file(values.logs), file(values.json)];
    if (logDirectory !== null) await makeDirectory(logDirectory);
    if (json !== null) await checkWritable(json);
    const report = await runChaos({
      ...what,
      logDirectory,
      env,
      progress: (line) => say(`… ${line}`),
    });
    if (report === 'stopped') {
      say('Stopped; everything that was started has ended.');
      return STOPPED;
    }
    for (const line of ['', ...renderChaos(report)]) say(line);
    if (json !== null) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
    return isUnharmed(report) ? 0 : 1;
  },
};

const OPTIONS = {
  backend: { type: 'string', default: 'both' },
  fault: { type: 'string' },
  seconds: { type: 'string', default: '30' },
  rate: { type: 'string', default: '50' },
  json: { type: 'string' },
  logs: { type: 'string' },
} as const;

function backendsOf(text: string): readonly ChaosBackend[] {
  if (text === 'both') return CHAOS_BACKENDS;
  const backend = CHAOS_BACKENDS.find((one) => one === text);
  if (backend === undefined) throw new UsageError('--backend must be redis, postgres or both.');
  return [backend];
}

function faultsOf(text: string | undefined): readonly Fault[] {
  if (text === undefined) return FAULTS;
  const names = text.split(',');
  const unknown = names.find((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown !== undefined) throw new UsageError(`There is no fault "${unknown}".`);
  return FAULTS.filter(({ name }) => names.includes(name));
}

function numberOf(text: string, option: string, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= max) return number;
  throw new UsageError(`${option} must be a whole number from 1 to ${max}.`);
}
