import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './queue-backend';

export type RedisClient = Redis | Cluster;

/** What a client may be told; the shape of answers stays as it is. */
export type RedisClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** How often a command is sent again that found its slot without a master, as during a failover. */
const SENT_AGAIN = {
  // Half a second in all.
  briefly: { maxRedirections: 5, retryDelayOnFailover: 100, retryDelayOnClusterDown: 100 },
  // Seldom, for many wait so.
  forEver: { maxRedirections: Infinity, retryDelayOnFailover: 500, retryDelayOnClusterDown: 500 },
} satisfies Record<string, ClusterOptions>;

/** What a server says that has become another's replica, as the old master after a failover; with the latter it ends what waits for a job. */
const DEMOTED = /\bREADONLY\b|^UNBLOCKED\b/;
/** ioredis's number for: connect anew, and send there what was refused here. */
const CONNECT_AND_SEND_AGAIN = 2;

/**
 * Opens a client, which connects by itself, and anew where a server will not be written to: its address may lead to the new master by now.
 *
 * @param given - options of one server; in a cluster they hold for each of its servers, and for the client as a whole
 * @param onError - hears of whatever goes wrong with a connection
 */
export function openRedisClient(
  { url, isCluster }: RedisAddress,
  given: RedisClientOptions,
  onError: (error: Error) => void,
): RedisClient {
  const options = { ...given, reconnectOnError: afterDemotion(given, onError) };
  const client = isCluster ? openCluster(url, options) : new Redis(url, options);
  client.on('error', onError);
  if (client instanceof Cluster) client.on('node error', onError);
  return client;
}

/** Such a server has done nothing of what it refuses, so whoever waits without an end has it sent again; anybody else is told. */
function afterDemotion(
  { maxRetriesPerRequest }: RedisClientOptions,
  onError: (error: Error) => void,
): NonNullable<RedisClientOptions['reconnectOnError']> {
  return (error) => {
    if (!DEMOTED.test(error.message)) return false;
    onError(error);
    return maxRetriesPerRequest === null ? CONNECT_AND_SEND_AGAIN : true;
  };
}

function openCluster(url: string, options: RedisClientOptions): Cluster {
  // Never connected: it reads the URL as it is read for one server, with its user, its password and TLS.
  const redisOptions: RedisClientOptions = new Redis(url, { ...options, lazyConnect: true }).options;
  const { host, port, retryStrategy, enableOfflineQueue, maxRetriesPerRequest } = redisOptions;
  return new Cluster([{ host, port }], {
    redisOptions,
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue,
    ...(maxRetriesPerRequest === null ? SENT_AGAIN.forEver : SENT_AGAIN.briefly),
    // Of a cluster that is not whole, as in a failover, ioredis would connect once more, and never end the first `connect()`: BullMQ waits
    // for it, and would take no job again. Commands are sent again until they find their master, as above.
    enableReadyCheck: false,
    // A name stays one: a certificate is for it, and behind it may be several addresses.
    dnsLookup: (name, callback) => callback(null, name),
  });
}
