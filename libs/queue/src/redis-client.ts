import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './queue-backend';

export type RedisClient = Redis | Cluster;

/** The options that a client may be given; `replyMapping` would change the shape of answers. */
export type RedisClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** How often a command is sent again when its slot has no master, as during a failover. */
const SENT_AGAIN = {
  // Half a second in all.
  briefly: { maxRedirections: 5, retryDelayOnFailover: 100, retryDelayOnClusterDown: 100 },
  // Each command only seldom, because many may wait like this.
  forEver: { maxRedirections: Infinity, retryDelayOnFailover: 500, retryDelayOnClusterDown: 500 },
} satisfies Record<string, ClusterOptions>;

/**
 * The errors of a server that has become a replica, as the old master does after a failover. By UNBLOCKED it ends commands that wait for a
 * job.
 */
const DEMOTED = /\bREADONLY\b|^UNBLOCKED\b/;
/** ioredis's number for: connect again, and send the refused command again on the new connection. */
const CONNECT_AND_SEND_AGAIN = 2;

/**
 * Opens a client, which connects by itself. It connects again when a server refuses writes: the same address may lead to the new master by
 * now.
 *
 * @param given - options for one server; in a cluster they apply to each server, and to the client as a whole
 * @param onError - hears of every error of a connection
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

/** Such a server has not executed the commands that it refuses: a client that waits without end sends them again, for others they fail. */
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
  // This client never connects. It reads the URL in the same way as for one server: with its user, its password and TLS.
  const redisOptions: RedisClientOptions = new Redis(url, { ...options, lazyConnect: true }).options;
  const { host, port, retryStrategy, enableOfflineQueue, maxRetriesPerRequest } = redisOptions;
  return new Cluster([{ host, port }], {
    redisOptions,
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue,
    ...(maxRetriesPerRequest === null ? SENT_AGAIN.forEver : SENT_AGAIN.briefly),
    // With the check, ioredis would connect once more to a cluster that is not whole, as in a failover, and the first `connect()` would
    // never end. BullMQ waits for it, and would never take a job again. Without the check, commands are sent again as above.
    enableReadyCheck: false,
    // Names are not resolved here: a certificate is for a name, and a name may have several addresses.
    dnsLookup: (name, callback) => callback(null, name),
  });
}
