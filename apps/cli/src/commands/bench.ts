import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { placeReport } from '../bench/place-report';
import { isFlawless, renderSuite } from '../bench/render-report';
import { type BenchReport, runBench } from '../bench/run-bench';
import type { Suite } from '../bench/suite';
import { STANDARD_SUITE, SUITES } from '../bench/suites';
import { BENCH_BACKENDS, type BenchBackend } from '../bench/system-under-test';
import type { Command } from '../command';
import { checkWritable, makeDirectory } from '../output-paths';
import { readArguments } from '../read-arguments';
import { STOPPED } from '../stop-signals';
import { UsageError } from '../usage-error';

export const bench: Command = {
  usage: [
    'signpost bench [<suite>…] [--backend redis|postgres|both] [--seconds <n>]',
    '               [--json <file>] [--markdown <file>] [--profile <directory>]',
    '',
    '  <suite>                what is measured, `all`, or one of:',
    ...SUITES.map(
      (suite) =>
        `                           ${suite.name.padEnd(11)}${suite.title}${suite === STANDARD_SUITE ? ' (by default)' : ''}`,
    ),
    '  --backend <queue>      where the jobs live; default: both, one after the other',
    '  --seconds <n>          measures each scenario for so long, 0.2 to 60; a short run says less',
    '  --json <file>          writes all figures there',
    '  --markdown <file>      puts the tables there, in the place of the last ones of the same suite',
    '  --profile <directory>  writes CPU profiles of API and worker and the costs of SQL statements there, which slows things down',
    '',
    'Starts its own PostgreSQL, Redis, API, worker and receiver on 127.0.0.1, with the default settings, measures for some',
    'minutes, and ends and removes everything. What runs beside it on the machine takes from the figures.',
    'Exit code 1: something that was accepted was not delivered, or was delivered twice.',
  ],
  async run(args, { env, say, directory }) {
    const { values, positionals } = readArguments(args, OPTIONS, SUITES.length);
    const file = (path: string | undefined): string | null => (path === undefined ? null : resolve(directory, path));
    const [backends, suites] = [backendsOf(values.backend), suitesOf(positionals)];
    const durationMs = secondsOf(values.seconds);
    const [profileDirectory, json, markdown] = [file(values.profile), file(values.json), file(values.markdown)];
    if (profileDirectory !== null) await makeDirectory(profileDirectory);
    for (const path of [json, markdown]) if (path !== null) await checkWritable(path);
    const report = await runBench({
      backends,
      suites,
      durationMs,
      profileDirectory,
      env,
      progress: (line) => say(`… ${line}`),
    });
    if (report === null) {
      say('Stopped; everything that was started has ended.');
      return STOPPED;
    }
    for (const suite of report.suites) for (const line of ['', ...renderSuite(report, suite)]) say(line);
    if (json !== null) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
    if (markdown !== null) await writeFile(markdown, placeSuites(await readIfAny(markdown), report));
    return isFlawless(report) ? 0 : 1;
  },
};

const OPTIONS = {
  backend: { type: 'string', default: 'both' },
  seconds: { type: 'string' },
  json: { type: 'string' },
  markdown: { type: 'string' },
  profile: { type: 'string' },
} as const;

function placeSuites(document: string, report: BenchReport): string {
  return report.suites.reduce((text, suite) => {
    const command = suite.name === STANDARD_SUITE.name ? 'npm run bench' : `npm run bench -- ${suite.name}`;
    return placeReport(text, command, renderSuite(report, suite));
  }, document);
}

function backendsOf(text: string): readonly BenchBackend[] {
  if (text === 'both') return BENCH_BACKENDS;
  const backend = BENCH_BACKENDS.find((one) => one === text);
  if (backend === undefined) throw new UsageError('--backend must be redis, postgres or both.');
  return [backend];
}

function suitesOf(names: readonly string[]): readonly Suite[] {
  if (names.length === 0) return [STANDARD_SUITE];
  if (names.includes('all')) return SUITES;
  const unknown = names.find((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new UsageError(`There is no suite "${unknown}".`);
  return SUITES.filter(({ name }) => names.includes(name));
}

/** @returns milliseconds, or null to measure for as long as each scenario says */
function secondsOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (/^\d{1,2}(\.\d)?$/.test(text) && seconds >= 0.2 && seconds <= 60) return seconds * 1_000;
  throw new UsageError('--seconds must be from 0.2 to 60, with one decimal at most.');
}

async function readIfAny(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
