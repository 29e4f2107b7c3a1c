import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  link,
  lchown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { errorCode } from './error-code';
import { inspectPostmaster, stopPostmaster } from './postmaster';
import { runProgram, type ServerAccount } from './run-program';

/** Where one embedded PostgreSQL lives, and as whom it runs. */
export interface PostgresHome {
  /** The caller's data directory, canonical. Holds the password, the state file and the server's log. */
  readonly dataDir: string;
  /** PostgreSQL's own data directory; it may lie outside `dataDir` when this process is root. */
  readonly directory: string;
  /** Set when this process is root: PostgreSQL refuses to run as root. */
  readonly account: ServerAccount | undefined;
}

/** What a later start must know; `<dataDir>/postgres.json`. */
export interface PostgresState {
  /** The directory that holds PostgreSQL's `postgres` directory, when that is not `dataDir`. */
  readonly home?: string;
  /** The port of the last start, so that addresses people noted down stay right. */
  readonly port?: number;
}

/** The account without rights that every Unix has: `nobody`. */
const NOBODY: ServerAccount = { uid: 65_534, gid: 65_534 };

/**
 * Where root keeps data that the server's account could not reach inside the checkout. These directories survive a restart of the machine.
 */
export const ROOT_BASES = ['/var/lib', '/opt', '/srv'] as const;

/**
 * Makes the data directory if it is missing and decides where PostgreSQL's files lie and who owns them.
 * A second start finds the same place, also when the first one had to move out of the checkout.
 *
 * @throws EmbeddedPostgresError `no_place_for_data` or `data_directory_unusable`.
 */
export async function openPostgresHome(dataDirOption: string, log: (line: string) => void): Promise<PostgresHome> {
  const asRoot = process.getuid?.() === 0;
  // Root's directory may be passed through but not listed by others: what is secret in it has mode 0600.
  if ((await mkdir(dataDirOption, { recursive: true })) !== undefined) {
    await chmod(dataDirOption, asRoot ? 0o711 : 0o700);
  }
  const dataDir = await realpath(dataDirOption);
  const state = await readPostgresState(dataDir);
  if (state.home !== undefined && !(await exists(state.home))) {
    throw new EmbeddedPostgresError(
      'data_directory_unusable',
      `PostgreSQL's data were kept in ${state.home}, which is gone. Restore it, or remove ${dataDir} to start empty.`,
    );
  }
  const home = state.home ?? (asRoot ? await chooseHomeAsRoot(dataDir, log) : dataDir);
  if (home !== dataDir && state.home === undefined) await writePostgresState(dataDir, { ...state, home });

  const directory = join(home, 'postgres');
  return { dataDir, directory, account: asRoot ? await chooseAccount(home, directory) : undefined };
}

/** Reads what the last start left; a missing or torn file reads as empty. */
export async function readPostgresState(dataDir: string): Promise<PostgresState> {
  try {
    return JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8')) as PostgresState;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return {};
    throw unusable(dataDir, error);
  }
}

/** Replaces the state file; a reader sees the old or the new one, whole. */
export async function writePostgresState(dataDir: string, state: PostgresState): Promise<void> {
  const unfinished = join(dataDir, `postgres.json.${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(unfinished, `${JSON.stringify(state)}\n`, { mode: 0o600 });
    await giveToOwnerOf(dataDir, unfinished);
    await rename(unfinished, join(dataDir, 'postgres.json'));
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

/**
 * Returns the superuser's password from `<dataDir>/postgres-password` (mode 0600), made at the first start.
 * Of two first starts at once both get the same one: the file appears whole, and only once.
 */
export async function readOrCreatePassword(dataDir: string): Promise<string> {
  const path = join(dataDir, 'postgres-password');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw unusable(dataDir, error);
  }
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(unfinished, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    await giveToOwnerOf(dataDir, unfinished);
    await link(unfinished, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw unusable(dataDir, error);
  } finally {
    await rm(unfinished, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

/** Gives a file to the owner of the data directory, who can thus start without `sudo` after one start with it. */
export async function giveToOwnerOf(dataDir: string, file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dataDir);
  await chown(file, uid, gid);
}

async function chooseHomeAsRoot(dataDir: string, log: (line: string) => void): Promise<string> {
  if (await exists(join(dataDir, 'postgres'))) return dataDir;
  const account = await accountOfNewData(dataDir);
  if (await canEnter(dataDir, account)) return dataDir;

  const name = `signpost-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  for (const base of ROOT_BASES) {
    const candidate = join(base, name);
    try {
      if (await exists(candidate)) await setAside(candidate, dataDir, log);
      await mkdir(candidate);
      await chmod(candidate, 0o711);
    } catch {
      continue;
    }
    if (!(await canEnter(candidate, account))) continue;
    log(`PostgreSQL runs as uid ${account.uid}, which cannot enter ${dataDir}; its data are kept in ${candidate}.`);
    return candidate;
  }
  throw new EmbeddedPostgresError(
    'no_place_for_data',
    `PostgreSQL does not run as root, and uid ${account.uid} can enter neither ${dataDir} nor a directory under ` +
      `${ROOT_BASES.join(', ')}. Start Signpost as another user, or set DATABASE_URL.`,
  );
}

/**
 * Sets data aside to which no data directory points. That directory was removed, and with it the password, so that the data are of no use
 * to this start; but nothing is deleted that a person might still want.
 */
async function setAside(candidate: string, dataDir: string, log: (line: string) => void): Promise<void> {
  const directory = join(candidate, 'postgres');
  const state = await inspectPostmaster(directory);
  if (state.kind !== 'stopped' && state.kind !== 'stale') await stopPostmaster(directory, state.pid);
  const aside = `${candidate}.${randomBytes(4).toString('hex')}`;
  await rename(candidate, aside);
  log(`${candidate} holds data of an earlier ${dataDir} that was removed; they were set aside as ${aside}.`);
}

/** PostgreSQL runs as the owner of its data. Data that root owns (a copy made by root) are given to the account. */
async function chooseAccount(home: string, directory: string): Promise<ServerAccount> {
  const owner = await stat(directory).catch(() => undefined);
  const account =
    owner === undefined || owner.uid === 0 ? await accountOfNewData(home) : { uid: owner.uid, gid: owner.gid };
  if (owner?.uid === 0) await giveTree(directory, account);
  if (!(await canEnter(home, account))) {
    throw new EmbeddedPostgresError(
      'data_directory_unusable',
      `PostgreSQL's data in ${directory} belong to uid ${account.uid}, which cannot enter ${home} (chmod o+x on it and the directories above helps).`,
    );
  }
  return account;
}

/** The owner of the place. Not root, nor a number without a name (of a mounted directory): initdb refuses those. */
async function accountOfNewData(home: string): Promise<ServerAccount> {
  const { uid, gid } = await stat(home);
  if (uid === 0) return NOBODY;
  const named = await runProgram('/bin/sh', ['-c', 'id -un'], { uid, gid });
  return named.exitCode === 0 ? { uid, gid } : NOBODY;
}

async function giveTree(directory: string, { uid, gid }: ServerAccount): Promise<void> {
  await chown(directory, uid, gid);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), uid, gid);
  }
}

/** Asks the system by trying: modes alone would miss access lists, mounts and user namespaces. */
async function canEnter(directory: string, account: ServerAccount): Promise<boolean> {
  return (await runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], account)).exitCode === 0;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function unusable(dataDir: string, cause: unknown): EmbeddedPostgresError {
  const hint = 'It may belong to another user: start Signpost as that user, or choose another data directory.';
  return new EmbeddedPostgresError(
    'data_directory_unusable',
    `The data directory ${dataDir} cannot be used (${errorCode(cause) ?? String(cause)}). ${hint}`,
    { cause },
  );
}
