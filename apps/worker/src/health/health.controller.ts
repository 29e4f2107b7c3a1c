import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import { SqlClient } from '@signpost/database';
import { BullJobQueue } from '@signpost/queue';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';

/** Whoever asks does not wait for long. */
const SIGN_OF_LIFE = { name: 'sign_of_life', text: 'SELECT 1', answerMsMax: 2_000 };

/** The worker's own HTTP: for whoever runs it. It takes no other requests. */
@Controller()
export class HealthController {
  constructor(
    private readonly sql: SqlClient,
    private readonly queue: BullJobQueue,
    private readonly metrics: Registry,
  ) {}

  /** The process is alive, whatever it depends on. */
  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The database and the queue answer. */
  @Get('readyz')
  @Header('cache-control', 'no-store')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [database, queue] = await Promise.all([stateOf(this.sql.run(SIGN_OF_LIFE, [])), stateOf(this.queue.ping())]);
    const ready = database === 'up' && queue === 'up';
    await reply
      .status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
      .send({ status: ready ? 'ready' : 'unavailable', checks: { database, queue } });
  }

  @Get('metrics')
  async metricsText(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.metrics());
  }
}

function stateOf(signOfLife: Promise<unknown>): Promise<'up' | 'down'> {
  return signOfLife.then(
    () => 'up',
    () => 'down',
  );
}
