import type { Fault } from './fault';
import { emptyQueue } from './faults/empty-queue';
import { freezePostgres } from './faults/freeze-postgres';
import { freezeRedis } from './faults/freeze-redis';
import { freezeWorker } from './faults/freeze-worker';
import { killApi } from './faults/kill-api';
import { killApiBeforeEnqueue } from './faults/kill-api-before-enqueue';
import { killWorker } from './faults/kill-worker';
import { networkOutage } from './faults/network-outage';
import { postgresOutage } from './faults/postgres-outage';
import { redisOutage } from './faults/redis-outage';
import { stopGracefully } from './faults/stop-gracefully';
import { strikeAll } from './faults/strike-all';

/** Every fault, in the order of the table. */
export const FAULTS: readonly Fault[] = [
  killWorker,
  killApiBeforeEnqueue,
  killApi,
  emptyQueue,
  redisOutage,
  freezeRedis,
  postgresOutage,
  freezePostgres,
  networkOutage,
  freezeWorker,
  stopGracefully,
  strikeAll,
];
