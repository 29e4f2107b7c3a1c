import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';
import { endAll, runCaptured } from './run-captured.mjs';

/** Where Jest writes what became of each test; relative, so that no path needs quotes. */
const RESULTS = '.cache/check';
const MINUTE_MS = 60_000;
const STATIC_TIMEOUT_MS = 10 * MINUTE_MS;
const TESTS_TIMEOUT_MS = 30 * MINUTE_MS;
/** What Jest says when every test is done, but something that a test left open keeps it from ending. */
const JEST_LAST_WORDS = 'Jest did not exit one second after';
/** A build that is up to date is kept; one that is not is made under the lock that `npm run up` respects. */
const BUILD = `"${process.execPath}" --input-type=module --eval "import { prepare } from './bin/prepare.mjs'; process.exitCode = await prepare();"`;

/** The scripts of package.json are the one place that says how each tool is called. */
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/**
 * One group after another. Two steps of a group run at a time: they need nothing of each other, and two fit the smallest
 * machine. The build comes in the first group, for the tests that need it in the last two.
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
  // Half of their time such tests wait for a server, so two of them leave a processor idle.
  [{ name: 'integration', project: 'integration', workers: 3 }],
  // Beside each other these two take longer on two processors than one after the other.
  [{ name: 'end-to-end', project: 'e2e', workers: 2, needsBuild: true }],
  [{ name: 'browser', project: 'browser', workers: 2, needsBuild: true }],
];

/**
 * Installs what is missing or stale, then runs every step, whatever became of those before. Prints one line per step,
 * the whole output of one that failed, and at the end one line: tests passed and failed, where a failed step that ran no
 * test counts as one that failed. The exit code is 0 when nothing failed.
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

/** A test file that could not be run has no tests to count, and counts as one that failed. */
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

/** Runs a script as npm would: in the root, with the installed programs on PATH. */
async function run(command, limits) {
  const startMs = performance.now();
  // Windows spells it Path.
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

/** Ends with the steps that run: none is left behind. */
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
