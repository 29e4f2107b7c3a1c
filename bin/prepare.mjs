import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { runChild } from './run-child.mjs';

/** The project's root: the directory above this one. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const INSTALL_STAMP = join(ROOT, 'node_modules', '.signpost-install');
const BUILD_STAMP = join(ROOT, 'dist', '.signpost-build');
const LOCK = join(ROOT, '.cache', 'prepare.lock');
const INSTALL_INPUTS = ['package.json', 'package-lock.json'];
const BUILD_INPUTS = [...INSTALL_INPUTS, 'nest-cli.json', 'tsconfig.json', '.swcrc', 'apps', 'libs'];
/** The names of directories with generated files, and of tests: they are not part of the build. */
const NOT_BUILT = /^(?:node_modules|dist|coverage|\..*)$|\.spec\.tsx?$/;

/**
 * Brings dependencies and build up to date, one process at a time. Takes some milliseconds when there is nothing to do. Returns 0, or the
 * exit code of the step that failed.
 */
export async function prepare({ build = true } = {}) {
  if (isInstalled() && (!build || isBuilt())) return 0;
  const work = async () => (await install()) || (build ? await compile() : 0);
  return withLock(LOCK, work, (pid) => say(`Waiting for process ${pid}, which is installing or building.`));
}

/** Uses `npm install`, because `npm ci` fails when a registry lacks the binaries of other platforms. */
async function install() {
  if (isInstalled()) return 0;
  say('Installing dependencies (npm install).');
  const exitCode = await runNpm(['install', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  if (exitCode === 0) writeFileSync(INSTALL_STAMP, hashOfInstall());
  else say(`npm install failed with exit code ${exitCode}.`);
  return exitCode;
}

async function compile() {
  // The sources may change during the build: the stamp is for the sources as they were before.
  const hash = hashOfBuild();
  if (isBuilt(hash)) return 0;
  say('Building (npm run build).');
  const exitCode = await runNpm(['run', '--silent', 'build']);
  if (exitCode === 0) writeFileSync(BUILD_STAMP, hash);
  else say(`The build failed with exit code ${exitCode}.`);
  return exitCode;
}

function isInstalled() {
  return read(INSTALL_STAMP) === hashOfInstall();
}

function isBuilt(hash = hashOfBuild()) {
  return read(BUILD_STAMP) === hash;
}

/** Includes the platform: a node_modules that was copied from another kind of machine has the wrong binaries. */
function hashOfInstall() {
  return `${process.platform}-${process.arch} ${hashOf(INSTALL_INPUTS)}\n`;
}

function hashOfBuild() {
  return `${hashOf(BUILD_INPUTS)}\n`;
}

/** Hashes names and contents, because times of modification say nothing after a checkout. */
function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const path of inputs.flatMap((input) => filesOf(input))) {
    const content = readFileSync(join(ROOT, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Paths from the root, in an order that is the same everywhere. */
function filesOf(path) {
  if (!existsSync(join(ROOT, path))) return [];
  let entries;
  try {
    entries = readdirSync(join(ROOT, path), { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    throw error;
  }
  return entries
    .filter((entry) => !NOT_BUILT.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesOf(`${path}/${entry.name}`) : [`${path}/${entry.name}`]));
}

/** Runs the npm that started this process, or else the one on PATH. Its output goes to stderr: stdout belongs to the command. */
function runNpm(args) {
  const script = process.env['npm_execpath'];
  const [command, prefix] = script?.endsWith('npm-cli.js') ? [process.execPath, [script]] : ['npm', []];
  return runChild(command, [...prefix, ...args], {
    cwd: ROOT,
    stdio: ['inherit', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
  });
}

function say(line) {
  console.error(line);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
