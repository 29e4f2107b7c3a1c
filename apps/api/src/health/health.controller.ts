import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { checkWritable, SqlClient } from '@signpost/database';
import { SignpostError } from '@signpost/domain';
import { BullJobQueue } from '@signpost/queue';
import type { FastifyReply } from 'fastify';
import { Registry } from 'prom-client';
import { Public } from '../access/access.decorator';
import { AliveView, type PartState, ReadyView } from './health.view';
import { fulfilsWithin } from './fulfils-within';

/** How long each part may take to give a sign of life. */
const ANSWER_MS_MAX = 2_000;

@ApiTags('operation')
@Controller()
export class HealthController {
  constructor(
    private readonly sql: SqlClient,
    private readonly queue: BullJobQueue,
    @Inject(Registry) private readonly metrics: Registry,
  ) {}

  /** Answers as long as the process is alive, also while the database or the queue is away: restart it when this fails. */
  @Get('healthz')
  @Public()
  @ApiOperation({ summary: 'Whether the process is alive' })
  @ApiOkResponse({ type: AliveView })
  alive(): AliveView {
    return { status: 'ok' };
  }

  /** Whether the database takes changes, and the queue answers. Events are accepted without the queue as well. */
  @Get('readyz')
  @Public()
  @ApiOperation({ summary: 'Whether the database and the queue can be used' })
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: ReadyView })
  @ApiServiceUnavailableResponse({
    description: 'What is named in `checks` as `down` does not answer, or takes no changes.',
  })
  async ready(): Promise<ReadyView> {
    const [database, queue] = await Promise.all([stateOf(checkWritable(this.sql)), stateOf(this.queue.ping())]);
    const checks = { database, queue };
    const down = Object.entries(checks).flatMap(([name, state]) => (state === 'down' ? [name] : []));
    if (down.length === 0) return { status: 'ready', checks };
    throw new SignpostError('unavailable', `Cannot be used now: ${down.join(', ')}.`, {
      retryAfterSeconds: 2,
      details: { checks },
    });
  }

  @Get('metrics')
  @Public()
  @ApiOperation({ summary: 'Metrics for Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Prometheus metrics of this process.', schema: { type: 'string' } })
  async metricsText(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.metrics());
  }
}

async function stateOf(signOfLife: Promise<unknown>): Promise<PartState> {
  return (await fulfilsWithin(signOfLife, ANSWER_MS_MAX)) ? 'up' : 'down';
}
