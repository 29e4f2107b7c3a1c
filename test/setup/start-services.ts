import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../apps/cli/src/services/embedded-postgres';
import { endWithParent } from '../../apps/cli/src/services/end-with-parent';
import { startRedis } from '../../apps/cli/src/services/redis-server';
import { rememberServices, startedServices, type TestServices } from './test-services';

/**
 * Jest's globalSetup of the projects that need servers. Starts one PostgreSQL and one Redis for all projects, and sets TEST_DATABASE_URL
 * and TEST_REDIS_URL for the test processes. If a variable is set already, its server is used instead; REDIS_URL counts for Redis, too. A
 * run that is killed leaves nothing behind.
 */
export default async function startServices(): Promise<void> {
  // Jest calls this once per project, in one process.
  await (startedServices() ?? rememberServices(start()));
}

async function start(): Promise<TestServices> {
  const [postgres, redis] = await Promise.all([startPostgres(), startSharedRedis()]);
  return { stops: [...postgres, ...redis] };
}

async function startPostgres(): Promise<TestServices['stops']> {
  if (process.env['TEST_DATABASE_URL']) return [];
  const dataDir = await temporaryDirectory('signpost-test-postgres-');
  const postgres = await startEmbeddedPostgres({
    dataDir,
    // The data are needed only during the run, so commits need not wait for the disk.
    settings: { fsync: 'off', full_page_writes: 'off' },
  });
  const directories = [dataDir, postgres.directory];
  const callOff = endWithParent({ pids: [postgres.pid], directories });
  process.env['TEST_DATABASE_URL'] = postgres.url;
  return [{ stop: () => postgres.stop(), directories, callOff }];
}

async function startSharedRedis(): Promise<TestServices['stops']> {
  const given = process.env['TEST_REDIS_URL'] || process.env['REDIS_URL'];
  if (given) {
    process.env['TEST_REDIS_URL'] = given;
    return [];
  }
  const dir = await temporaryDirectory('signpost-test-redis-');
  const redis = await startRedis({ dir, env: process.env });
  const callOff = endWithParent({ pids: [redis.pid], directories: [dir] });
  process.env['TEST_REDIS_URL'] = redis.url;
  return [{ stop: () => redis.stop(), directories: [dir], callOff }];
}

/** Makes a directory. If root runs the tests, PostgreSQL's own account must be able to pass through it. */
async function temporaryDirectory(prefix: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), prefix));
  await chmod(directory, 0o711);
  return directory;
}
