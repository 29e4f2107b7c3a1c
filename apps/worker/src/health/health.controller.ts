import { Controller, Get, Header, Res } from '@nestjs/common';
import { checkWritable, SqlClient } from '@signpost/database';
import { SignpostError } from '@signpost/domain';
import { BullJobQueue } from '@signpost/queue';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';

/** The database has this long to answer: whoever asks for the health does not wait longer. */
const ANSWER_MS_MAX = 2_000;

/** The worker's own HTTP: health and metrics, for whoever runs the worker. */
@Controller()
export class HealthController {
  constructor(
    private readonly sql: SqlClient,
    private readonly queue: BullJobQueue,
    private readonly metrics: Registry,
  ) {}

  /** Answers as long as the process is alive, also while the database or the queue is away. */
  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Succeeds when the database takes changes, and the queue answers both where jobs are added and where they are taken. */
  @Get('readyz')
  @Header('cache-control', 'no-store')
  async ready(): Promise<{ status: 'ready'; checks: Record<'database' | 'queue', PartState> }> {
    const [database, queue] = await Promise.all([
      stateOf(checkWritable(this.sql, { answerMsMax: ANSWER_MS_MAX })),
      stateOf(this.queue.ping()),
    ]);
    const checks = { database, queue };
    const down = Object.entries(checks).flatMap(([name, state]) => (state === 'down' ? [name] : []));
    if (down.length === 0) return { status: 'ready', checks };
    throw new SignpostError('unavailable', `Cannot be used now: ${down.join(', ')}.`, {
      retryAfterSeconds: 2,
      details: { checks },
    });
  }

  @Get('metrics')
  async metricsText(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.metrics());
  }
}

type PartState = 'up' | 'down';

function stateOf(signOfLife: Promise<unknown>): Promise<PartState> {
  return signOfLife.then(
    () => 'up',
    () => 'down',
  );
}
