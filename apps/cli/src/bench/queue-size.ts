import { once } from 'node:events';
import { connect } from 'node:net';
import { QUEUE_SCHEMA } from '@signpost/queue';
import type { Client } from 'pg';
import { LOOPBACK } from '../services/find-free-port';

/** What a queue holds. */
export interface QueueSize {
  /** Keys in Redis, or rows of jobs in PostgreSQL. */
  readonly entries: number;
  /** What Redis uses for its data; null where the jobs live in PostgreSQL, whose tables keep the size they once had. */
  readonly bytes: number | null;
}

/** Redis takes commands as plain lines too. */
export async function redisQueueSize(port: number): Promise<QueueSize> {
  const socket = connect(port, LOOPBACK);
  socket.setEncoding('utf8').write('DBSIZE\r\nINFO memory\r\nQUIT\r\n');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  const figure = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  return { entries: figure(/^:(\d+)/), bytes: figure(/^used_memory:(\d+)/m) };
}

export async function postgresQueueSize(sql: Client): Promise<QueueSize> {
  const { rows } = await sql.query<{ entries: number }>(`SELECT count(*)::int AS entries FROM ${QUEUE_SCHEMA}.job`);
  return { entries: rows[0]?.entries ?? 0, bytes: null };
}
