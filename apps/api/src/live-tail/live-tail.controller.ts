import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { DeliveryRow } from '@signpost/database';
import { idTimeMs } from '@signpost/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accessContext, CurrentCaller, CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import type { Caller } from '../access/caller';
import { currentActor } from '../access/current-actor';
import { DeliveryFilterQuery } from '../deliveries/deliveries.dto';
import { deliveryView } from '../deliveries/delivery.view';
import { deliveryFilters, passes } from '../deliveries/delivery-filters';
import { logSpan } from '../requests/log-query';
import { DeliveryTails } from './delivery-tails';

/** Streams deliveries as they are made and attempted. API keys see the types of events that they may read. */
@ApiTags('deliveries')
@Controller('api/v1/stores/:store/deliveries/stream')
export class LiveTailController {
  constructor(private readonly tails: DeliveryTails) {}

  @Get()
  @Access({ operator: true, apiKey: 'any', people: 'viewer' })
  @ApiOperation({
    summary: 'Watch deliveries live',
    description:
      'Server-sent events of the name `delivery`, whose data are items of the list of deliveries: each as it is made or ' +
      'attempted. An item tells how the delivery is now, and may come more than once. In a store where more happens than a ' +
      'person can read, some are left out; the list has them all.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The last `id` that was seen; browsers send it.' })
  @ApiProduces('text/event-stream')
  @ApiResponse({ status: 200, description: 'Events, until the reader goes.', schema: { type: 'string' } })
  async watch(
    @CurrentStore() store: RequestStore,
    @CurrentCaller() caller: Caller,
    @Query() query: DeliveryFilterQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    let filters = deliveryFilters(caller, query);
    const { sinceMs, untilMs } = logSpan(query);
    const isInSpan = ({ id }: DeliveryRow): boolean =>
      idTimeMs(id) >= (sinceMs ?? 0) && idTimeMs(id) < (untilMs ?? Infinity);
    void reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      // No proxy on the way may store the stream, change it, or buffer it.
      .header('cache-control', 'no-store, no-transform')
      .header('x-accel-buffering', 'no')
      // The connection serves nothing else, and does not outlive the stream.
      .header('connection', 'close');
    // Fastify answers HEAD by this handler too, and would leave the stream open for ever.
    if (request.method === 'HEAD') return reply.send();
    const { kind, id } = currentActor(request);
    const stream = await this.tails.open({
      storeId: store.id,
      name: `${kind} ${id ?? ''}`,
      resumeMs: readResumeTime(lastEventId),
      render: (delivery) =>
        passes(filters, delivery) && isInSpan(delivery) ? JSON.stringify(deliveryView(delivery)) : null,
      confirm: async () => {
        filters = deliveryFilters(await accessContext(request).refreshCaller(), query);
      },
    });
    await reply.send(stream);
  }
}

/** @returns milliseconds since 1970; null for an id that no stream ever sent */
function readResumeTime(lastEventId: string | undefined): number | null {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null;
}
