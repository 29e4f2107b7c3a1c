import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';
import { endAll, runCaptured } from './run-captured.mjs';

/** Where Jest writes the result of each test; relative, so that no path needs quotes. */
const RESULTS = '.cache/check';
const MINUTE_MS = 60_000;
const STATIC_TIMEOUT_MS = 10 * MINUTE_MS;
const TESTS_TIMEOUT_MS = 30 * MINUTE_MS;
/** What Jest prints when every test is done, but something that a test left open keeps Jest from ending. */
const JEST_LAST_WORDS = 'Jest did not exit one second after';
/** Builds only if the build is out of date, under the lock that `npm run up` respects. */
const BUILD = `"${process.execPath}" --input-type=module --eval "import { prepare } from './bin/prepare.mjs'; process.exitCode = await prepare();"`;

/** How each tool is called is written only in the scripts of package.json. */
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/**
 * The groups run one after another. Two steps of a group run at a time: they do not depend on each other, and two fit the smallest machine.
 * The build is in the first group, because the tests of the last two groups need it.
 */
const GROUPS = [
  [
    { name: 'format+lint', command: scripts.lint },
    { name: 'types', command: scripts.types },
    { name: 'boundaries', command: scripts.boundaries },
    { name: 'unused', command: scripts.unused },
    { name: 'build', command: BUILD },
    { name: 'unit', project: 'unit' },
  ],
  // These tests wait for a server half of their time, so two workers would leave a processor idle.
  [{ name: 'integration', project: 'integration', workers: 3 }],
  // On two processors, the next two take longer at the same time than one after the other.
  [{ name: 'end-to-end', project: 'e2e', workers: 2, needsBuild: true }],
  [{ name: 'browser', project: 'browser', workers: 2, needsBuild: true }],
];

/**
 * Installs missing or stale dependencies, then runs every step, even if earlier steps failed. Prints one line per step, and the whole
 * output of each step that failed. The last line says how many tests passed and failed; a failed step without a failed test counts as one
 * failed test. The exit code is 0 when nothing failed.
 */
export async function runCheck() {
  const outcomes = await runSteps();
  const passed = sum(outcomes.map((outcome) => outcome.passed));
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function runSteps() {
  const startMs = performance.now();
  const exitCode = await prepare({ build: false });
  const installed = report({ name: 'install', ...judge(exitCode), durationMs: performance.now() - startMs });
  if (exitCode !== 0) return [installed];

  endOnSignals();
  const outcomes = [installed];
  for (const group of GROUPS) {
    const built = outcomes.every(({ name, failed }) => name !== 'build' || failed === 0);
    for (const pending of startTwoAtATime(group, (step) => runStep(step, built))) outcomes.push(report(await pending));
  }
  return outcomes;
}

async function runStep(step, built) {
  if (step.needsBuild && !built) return notRun(step);
  return step.project === undefined ? runStatic(step) : runTests(step);
}

async function runStatic({ name, command }) {
  const { exitCode, output, durationMs } = await run(command, { timeoutMs: STATIC_TIMEOUT_MS });
  return { name, ...judge(exitCode), output, durationMs };
}

async function runTests({ name, project, workers = 1 }) {
  const results = `${RESULTS}/${project}.json`;
  mkdirSync(join(ROOT, RESULTS), { recursive: true });
  rmSync(join(ROOT, results), { force: true });
  const command = `${scripts.test} --selectProjects ${project} --maxWorkers ${workers} --ci --json --outputFile=${results}`;
  const { exitCode, output, durationMs } = await run(command, {
    timeoutMs: TESTS_TIMEOUT_MS,
    lastWords: JEST_LAST_WORDS,
  });
  return { name, ...judge(exitCode, readResults(results)), output, durationMs };
}

/** Reads the counts. A test file that could not be run has no tests to count, so it counts as one failed test. */
function readResults(path) {
  try {
    const results = JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } = results;
    return {
      passed: numPassedTests,
      failed: numFailedTests + numRuntimeErrorTestSuites,
      skipped: numPendingTests + numTodoTests,
    };
  } catch {
    return undefined;
  }
}

function judge(exitCode, results = { passed: 0, failed: 0, skipped: 0 }) {
  return { ...results, failed: exitCode === 0 ? results.failed : Math.max(results.failed, 1) };
}

function notRun({ name }) {
  return { name, ...judge(1), output: 'It was not run: it needs the build.\n', durationMs: 0 };
}

/** Runs a script as npm does: in the root, with the installed programs on PATH. */
async function run(command, limits) {
  const startMs = performance.now();
  // Windows spells the variable `Path`.
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const path = [join(ROOT, 'node_modules', '.bin'), process.env[pathName]].join(delimiter);
  const color = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const env = { ...process.env, ...color, [pathName]: path };
  const result = await runCaptured(command, { cwd: ROOT, env, ...limits });
  return { ...result, durationMs: performance.now() - startMs };
}

/** Returns one promise per step, in their order. */
function startTwoAtATime(steps, start) {
  const waiting = steps.map((step) => {
    let settle;
    const outcome = new Promise((resolve) => (settle = resolve));
    return { step, settle, outcome };
  });
  const outcomes = waiting.map(({ outcome }) => outcome);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next.settle(await start(next.step));
  };
  void work();
  void work();
  return outcomes;
}

function report(outcome) {
  const { name, passed, failed, skipped, output, durationMs } = outcome;
  const seconds = `${(durationMs / 1_000).toFixed(1)} s`;
  const tests = passed + skipped > 0 ? `  ${passed} passed` : '';
  const line = `${name.padEnd(12)} ${failed === 0 ? 'ok    ' : 'FAILED'} ${seconds.padStart(8)}${tests}`;
  console.log(skipped > 0 ? `${line}, ${skipped} skipped` : line);
  if (failed > 0 && output !== undefined) console.log(output.trimEnd());
  return outcome;
}

/** When this process is asked to end, ends the running steps with it. */
function endOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      endAll(signal);
      process.exit(128 + constants.signals[signal]);
    });
  }
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
