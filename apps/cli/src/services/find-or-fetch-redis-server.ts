import { execFile } from 'node:child_process';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../project-paths';

/** How to run a Redis (or Valkey) server: the program, and the environment that finds its libraries. */
export interface RedisServerProgram {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

type Environment = NodeJS.ProcessEnv;

const run = promisify(execFile);
const CACHE = join(projectRoot(), '.cache', 'redis');
const SERVERS = ['valkey-server', 'redis-server'] as const;
const DEBIAN_12_PACKAGES = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1'] as const;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Finds a server on PATH; else one fetched earlier; else fetches Debian's or Ubuntu's packages into the project's
 * `.cache/redis` and unpacks them there, which needs no root and installs nothing.
 *
 * @param env - this process's environment
 * @throws Error that says what to install.
 */
export async function findOrFetchRedisServer(env: Environment): Promise<RedisServerProgram> {
  for (const name of SERVERS) {
    const command = await findOnPath(name, env);
    if (command !== undefined) return { command, env };
  }
  const fetched = await tryFetched(join(CACHE, 'root'), env);
  if (fetched !== undefined) return fetched;

  const reason = await fetchPackages(env);
  const program = reason === undefined ? await tryFetched(join(CACHE, 'root'), env) : undefined;
  if (program !== undefined) return program;
  throw new Error(
    `There is no Redis server on this machine. Install valkey or redis (Debian, Ubuntu: "apt install redis-server"; macOS: "brew install redis"). ` +
      `Fetching it did not work: ${reason ?? 'the fetched server does not run here'}.`,
  );
}

async function findOnPath(name: string, env: Environment): Promise<string | undefined> {
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const path = join(directory, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Returns the unpacked server if it runs on this machine. */
async function tryFetched(root: string, parentEnv: Environment): Promise<RedisServerProgram | undefined> {
  const libraries = await Promise.all(['usr/lib', 'lib'].map((directory) => libraryDirectories(join(root, directory))));
  const env = { ...parentEnv, LD_LIBRARY_PATH: libraries.flat().join(':') };
  for (const name of SERVERS) {
    const command = join(root, 'usr/bin', name);
    const runs = await run(command, ['--version'], { env }).then(
      () => true,
      () => false,
    );
    if (runs) return { command, env };
  }
  return undefined;
}

/** Debian keeps libraries in a directory per architecture: `usr/lib/x86_64-linux-gnu`. */
async function libraryDirectories(parent: string): Promise<string[]> {
  const names = await readdir(parent).catch(() => []);
  return names.filter((name) => name.includes('-linux-gnu')).map((name) => join(parent, name));
}

/** Fetches and unpacks into `.cache/redis/root`, which appears whole or not at all. Returns why it could not. */
async function fetchPackages(env: Environment): Promise<string | undefined> {
  if ((await findOnPath('apt-get', env)) === undefined || (await findOnPath('dpkg-deb', env)) === undefined) {
    return 'this machine has no apt-get';
  }
  const work = join(CACHE, `fetch-${process.pid}`);
  try {
    await rm(work, { recursive: true, force: true });
    await mkdir(join(work, 'root'), { recursive: true });
    // The system's package lists may be missing or too old to download from: then fresh lists are made, separate from the system's.
    const problem = await fetchInto(work, []);
    const second = problem === undefined ? undefined : await fetchInto(work, await updateLists(work));
    if (second !== undefined) return second;
    await rename(join(work, 'root'), join(CACHE, 'root')).catch(() => replaceRoot(work));
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Puts the fetched root in its place. A root that is there already was made by another run, or does not run here (of an older system): it
 * is replaced.
 */
async function replaceRoot(work: string): Promise<void> {
  await rename(join(CACHE, 'root'), join(work, 'old'));
  await rename(join(work, 'root'), join(CACHE, 'root'));
}

/** Updates package lists of its own and returns the options by which apt-get uses them. */
async function updateLists(work: string): Promise<string[]> {
  const lists = join(work, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(work, 'archives', 'partial'), { recursive: true });
  const options = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${work}`, '-o', 'APT::Sandbox::User='];
  // One unreachable source fails the update as a whole, though the lists that are needed may have come.
  await run('apt-get', [...options, 'update'], { cwd: work, maxBuffer: OUTPUT_BYTES_MAX }).catch(() => undefined);
  return options;
}

async function fetchInto(work: string, options: readonly string[]): Promise<string | undefined> {
  try {
    const packages = await listMissingPackages(options);
    await run('apt-get', [...options, 'download', ...packages], { cwd: work, maxBuffer: OUTPUT_BYTES_MAX });
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(work, file), join(work, 'root')]);
    }
    return undefined;
  } catch (error) {
    return firstComplaint(error);
  }
}

/** The packages that this machine lacks, as a simulated installation names them for any release; where that fails, a fixed list. */
async function listMissingPackages(options: readonly string[]): Promise<readonly string[]> {
  const args = [...options, '-s', '--no-install-recommends', 'install', 'redis-server'];
  const simulated = await run('apt-get', args, { maxBuffer: OUTPUT_BYTES_MAX }).catch(() => ({ stdout: '' }));
  const packages = [...simulated.stdout.matchAll(/^Inst (\S+)/gm)].flatMap((match) => match[1] ?? []);
  return packages.length > 0 ? packages : DEBIAN_12_PACKAGES;
}

/** apt-get's own complaint, or else what Node says of the failed program. */
function firstComplaint(error: unknown): string {
  const lines = String(error).split('\n');
  return lines.find((line) => line.startsWith('E: ')) ?? lines[0] ?? '';
}
