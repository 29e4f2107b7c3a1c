import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { errorCode } from './error-code';
import type { PostgresBinaries } from './postgres-binaries';
import { runProgram, type ServerAccount } from './run-program';

export interface InitialiseOptions {
  /** PostgreSQL's data directory. It appears whole: a start that dies half-way leaves nothing that looks like one. */
  readonly directory: string;
  readonly account: ServerAccount | undefined;
  readonly binaries: PostgresBinaries;
  readonly superuser: string;
  readonly password: string;
  /** False only for throw-away data: a power failure may destroy them. */
  readonly durable: boolean;
  readonly log: (line: string) => void;
}

/**
 * The unfinished directories that this process works on. Others may bear its process id too: they are left from before a restart of the
 * container.
 */
const unfinishedHere = new Set<string>();

/**
 * Makes the data directory when there is none, and checks that one that exists is of the installed major version.
 *
 * @throws EmbeddedPostgresError `version_mismatch`, `data_directory_unusable` or `init_failed`.
 */
export async function initialisePostgres(options: InitialiseOptions): Promise<void> {
  const { directory, binaries } = options;
  const found = await readDataVersion(directory);
  if (found === undefined) return createDataDirectory(options);

  const installed = binaries.version.split('.')[0];
  if (found !== installed) {
    throw new EmbeddedPostgresError(
      'version_mismatch',
      `The data in ${directory} were written by PostgreSQL ${found}, but PostgreSQL ${installed} is installed. ` +
        `Dump them with version ${found} and restore them, or move the directory away to start empty.`,
    );
  }
}

/** The major version in `PG_VERSION`, or nothing where no data directory is. */
async function readDataVersion(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new EmbeddedPostgresError(
      'data_directory_unusable',
      `PostgreSQL's data in ${directory} cannot be read (${errorCode(error) ?? String(error)}). ` +
        'They may belong to another user: start Signpost as that user, or choose another data directory.',
      { cause: error },
    );
  }
}

async function createDataDirectory(options: InitialiseOptions): Promise<void> {
  const { directory, account, log } = options;
  log(`Creating the PostgreSQL ${options.binaries.version} data directory ${directory}.`);
  await removeUnfinished(directory);
  const unfinished = `${directory}.init-${process.pid}-${randomBytes(4).toString('hex')}`;
  unfinishedHere.add(basename(unfinished));
  const passwordFile = `${unfinished}.pw`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, options.password, { mode: 0o600 });
    if (account !== undefined) {
      await chown(unfinished, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    await chmod(unfinished, 0o700);
    await runInitdb(options, unfinished, passwordFile);
    await putInPlace(unfinished, directory);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    const message = `PostgreSQL's data directory ${directory} cannot be created: ${String(error)}`;
    throw new EmbeddedPostgresError('init_failed', message, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
    unfinishedHere.delete(basename(unfinished));
  }
}

async function runInitdb(options: InitialiseOptions, target: string, passwordFile: string): Promise<void> {
  const args = [
    `--pgdata=${target}`,
    `--username=${options.superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    ...(options.durable ? [] : ['--no-sync']),
  ];
  const { exitCode, output } = await runProgram(options.binaries.initdb, args, options.account);
  if (exitCode !== 0) {
    throw new EmbeddedPostgresError(
      'init_failed',
      `PostgreSQL's data directory ${options.directory} cannot be created. ` +
        `If that cannot be helped, set DATABASE_URL to a PostgreSQL 14 or newer.\n${output}`,
    );
  }
}

/** Moves the finished data to their place. The new name is on disk before the server accepts any data. */
async function putInPlace(unfinished: string, directory: string): Promise<void> {
  try {
    await rename(unfinished, directory);
  } catch (error) {
    // If another start was first, its data are used.
    if ((await readDataVersion(directory)) !== undefined) return;
    throw error;
  }
  const parent = await open(dirname(directory), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

/** A start that was killed leaves its unfinished directory; those of starts that still run are left alone. */
async function removeUnfinished(directory: string): Promise<void> {
  const prefix = `${basename(directory)}.init-`;
  for (const name of await readdir(dirname(directory))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    const inUse = pid === process.pid ? unfinishedHere.has(name.replace(/\.pw$/, '')) : isAlive(pid);
    if (!inUse) await rm(join(dirname(directory), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
