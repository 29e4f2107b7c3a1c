import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { QueueBackendOptions, RedisAddress } from '@signpost/queue';

/** Options of a queue that no other test shares. */
export function privateQueue(
  kind: 'redis' | 'cluster' | 'postgres',
  urls: { redis: string; database: string },
): QueueBackendOptions {
  const name = `queue_spec_${randomUUID().slice(0, 8)}`;
  return {
    redis: kind === 'postgres' ? null : { url: urls.redis, isCluster: kind === 'cluster' },
    databaseUrl: urls.database,
    redisPrefix: kind === 'cluster' ? `{${name}}` : name,
    databaseSchema: name,
    databasePoolSize: 6,
  };
}

/** Everything that the queue's server keeps of this queue, as text. */
export async function everythingKept(backend: QueueBackendOptions): Promise<string> {
  if (backend.redis !== null) {
    return (await onServers(backend.redis, (redis) => dumpKeys(redis, backend.redisPrefix))).join('\n');
  }
  return withPostgres(backend.databaseUrl, async (client) => {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1`,
      [backend.databaseSchema],
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
      texts.push(...rows.map((row) => `${name} ${row.text}`));
    }
    return texts.join('\n');
  });
}

/** Removes every job and schedule of this queue. */
export async function emptyQueue(backend: QueueBackendOptions): Promise<void> {
  if (backend.redis !== null) {
    await onServers(backend.redis, async (redis) => {
      const keys = await redis.keys(`${backend.redisPrefix}:*`);
      if (keys.length > 0) await redis.del(...keys);
    });
    return;
  }
  await withPostgres(backend.databaseUrl, (client) =>
    client.query(`TRUNCATE ${backend.databaseSchema}.job, ${backend.databaseSchema}.scheduler CASCADE`),
  );
}

export async function withPostgres<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** The one server, or every master of a cluster. */
async function onServers<T>({ url, isCluster }: RedisAddress, work: (redis: Redis) => Promise<T>): Promise<T[]> {
  const urls = isCluster ? await withRedis(url, mastersOf) : [url];
  return Promise.all(urls.map((each) => withRedis(each, work)));
}

/** @param node - any node of a cluster; it reports each range of slots with its master first */
async function mastersOf(node: Redis): Promise<string[]> {
  const ranges = await node.cluster('SLOTS');
  return [
    ...new Set(ranges.flatMap(([, , master]) => (master === undefined ? [] : `redis://${master[0]}:${master[1]}`))),
  ];
}

async function dumpKeys(redis: Redis, prefix: string): Promise<string> {
  const keys = await redis.keys(`${prefix}:*`);
  const texts = keys.map(async (key) => {
    switch (await redis.type(key)) {
      case 'hash':
        return [key, await redis.hgetall(key)];
      case 'list':
        return [key, await redis.lrange(key, 0, -1)];
      case 'zset':
        return [key, await redis.zrange(key, '0', '-1')];
      case 'stream':
        return [key, await redis.xrange(key, '-', '+')];
      case 'set':
        return [key, await redis.smembers(key)];
      case 'none':
        // The key has been removed since the keys were listed.
        return [key];
      default:
        return [key, await redis.get(key)];
    }
  });
  return JSON.stringify(await Promise.all(texts));
}
