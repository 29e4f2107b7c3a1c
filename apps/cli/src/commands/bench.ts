import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { placeReport } from '../bench/place-report';
import { isFlawless, renderReport } from '../bench/render-report';
import { runBench } from '../bench/run-bench';
import { type Scenario, SCENARIOS, STANDARD_SCENARIOS } from '../bench/scenario';
import { BENCH_BACKENDS, type BenchBackend } from '../bench/system-under-test';
import type { Command } from '../command';
import { readArguments } from '../read-arguments';
import { errorCode } from '../services/error-code';
import { UsageError } from '../usage-error';

export const bench: Command = {
  usage: [
    'signpost bench [--backend redis|postgres|both] [--scenario <name>…] [--seconds <n>]',
    '               [--json <file>] [--markdown <file>] [--profile <directory>]',
    '',
    '  --backend <queue>      where the jobs live; default: both, one after the other',
    '  --scenario <name>      may be given several times; `all` are',
    ...SCENARIOS.map(
      ({ name, title }) =>
        `                           ${name.padEnd(8)} ${title}${isStandard(name) ? ' (by default)' : ''}`,
    ),
    '  --seconds <n>          measures each scenario for so long, 1 to 60; a short run says less',
    '  --json <file>          writes all figures there',
    '  --markdown <file>      puts the tables there, in the place of the last ones',
    '  --profile <directory>  writes CPU profiles of API and worker and the costs of SQL statements there, which slows things down',
    '',
    'Starts its own PostgreSQL, Redis, API, worker and receiver on 127.0.0.1, with the default settings, measures for about a',
    'minute per queue, and ends and removes everything. What runs beside it on the machine takes from the figures.',
    'Exit code 1: something that was accepted was not delivered, or was delivered twice.',
  ],
  async run(args, { env, say, directory }) {
    const { values } = readArguments(args, OPTIONS);
    const file = (path: string | undefined): string | null => (path === undefined ? null : resolve(directory, path));
    const profileDirectory = file(values.profile);
    if (profileDirectory !== null) await makeDirectory(profileDirectory);
    const report = await runBench({
      backends: backendsOf(values.backend),
      scenarios: scenariosOf(values.scenario ?? STANDARD_SCENARIOS),
      durationMs: secondsOf(values.seconds),
      profileDirectory,
      env,
      progress: (line) => say(`… ${line}`),
    });
    if (report === null) {
      say('Stopped; everything that was started has ended.');
      return 1;
    }
    const lines = renderReport(report);
    for (const line of ['', ...lines]) say(line);
    const [json, markdown] = [file(values.json), file(values.markdown)];
    if (json !== null) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
    if (markdown !== null) await writeFile(markdown, placeReport(await readIfAny(markdown), lines));
    return isFlawless(report) ? 0 : 1;
  },
};

const OPTIONS = {
  backend: { type: 'string', default: 'both' },
  scenario: { type: 'string', multiple: true },
  seconds: { type: 'string' },
  json: { type: 'string' },
  markdown: { type: 'string' },
  profile: { type: 'string' },
} as const;

function isStandard(name: string): boolean {
  return STANDARD_SCENARIOS.includes(name);
}

function backendsOf(text: string): readonly BenchBackend[] {
  if (text === 'both') return BENCH_BACKENDS;
  const backend = BENCH_BACKENDS.find((one) => one === text);
  if (backend === undefined) throw new UsageError('--backend must be redis, postgres or both.');
  return [backend];
}

function scenariosOf(names: readonly string[]): readonly Scenario[] {
  if (names.includes('all')) return SCENARIOS;
  const unknown = names.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new UsageError(`There is no scenario "${unknown}".`);
  return SCENARIOS.filter(({ name }) => names.includes(name));
}

/** @returns milliseconds, or null to measure for as long as each scenario says */
function secondsOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (/^\d{1,2}$/.test(text) && seconds >= 1 && seconds <= 60) return seconds * 1_000;
  throw new UsageError('--seconds must be a whole number from 1 to 60.');
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`The directory ${path} cannot be made (${errorCode(error) ?? String(error)}).`);
  }
}

async function readIfAny(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
