import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Actor, DeliveryLog, type DeliveryRow, EventQueries } from '@signpost/database';
import { type DeliveryId, type StoreId } from '@signpost/domain';
import { CurrentCaller, CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import type { Caller } from '../access/caller';
import { CurrentActor } from '../access/current-actor';
import { requireReadable } from '../events/readable-types';
import { notFound } from '../problems/not-found';
import { IdParam } from '../requests/id-param';
import { logSpan, logWindow } from '../requests/log-query';
import { pageOfLog } from '../requests/page';
import { DeliveryFilterQuery, DeliveryQuery } from './deliveries.dto';
import { DeliveryCountView } from './delivery-count.view';
import { ATTEMPTS_READ_MAX, DeliveryDetailView, deliveryDetailView } from './delivery-detail.view';
import { deliveryFilters } from './delivery-filters';
import { DeliveryRetry } from './delivery-retry';
import { DeliveryPage, DeliveryView, deliveryView } from './delivery.view';

/** The log of what was sent. API keys see the types of events that they may read. */
@ApiTags('deliveries')
@Controller('api/v1/stores/:store/deliveries')
export class DeliveriesController {
  constructor(
    private readonly deliveries: DeliveryLog,
    private readonly events: EventQueries,
    private readonly retries: DeliveryRetry,
  ) {}

  @Get()
  @Access({ operator: true, apiKey: 'any', people: 'viewer' })
  @ApiOperation({ summary: 'List deliveries' })
  @ApiResponse({ status: 200, type: DeliveryPage })
  async list(
    @CurrentStore() store: RequestStore,
    @CurrentCaller() caller: Caller,
    @Query() query: DeliveryQuery,
  ): Promise<DeliveryPage> {
    const list = { of: 'deliveries', storeId: store.id };
    const slice = await this.deliveries.list(store.id, logWindow(query, list), deliveryFilters(caller, query));
    return pageOfLog(slice, query, list, deliveryView);
  }

  @Get('count')
  @Access({ operator: true, apiKey: 'any', people: 'viewer' })
  @ApiOperation({
    summary: 'Count deliveries',
    description: 'Exactly up to 10,000, where not too much is to be searched.',
  })
  @ApiResponse({ status: 200, type: DeliveryCountView })
  count(
    @CurrentStore() store: RequestStore,
    @CurrentCaller() caller: Caller,
    @Query() query: DeliveryFilterQuery,
  ): Promise<DeliveryCountView> {
    return this.deliveries.count(store.id, logSpan(query), deliveryFilters(caller, query));
  }

  @Get(':id')
  @Access({ operator: true, apiKey: 'any', people: 'viewer' })
  @ApiOperation({ summary: 'Show a delivery with its attempts' })
  @ApiResponse({ status: 200, type: DeliveryDetailView })
  async show(
    @CurrentStore() store: RequestStore,
    @CurrentCaller() caller: Caller,
    @IdParam('delivery') id: DeliveryId,
  ): Promise<DeliveryDetailView> {
    const delivery = await this.find(store.id, id);
    requireReadable(caller, delivery.eventType);
    const [event, attempts] = await Promise.all([
      this.events.find(store.id, delivery.eventId),
      this.deliveries.attempts(store.id, id, ATTEMPTS_READ_MAX),
    ]);
    return deliveryDetailView(delivery, event, attempts);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({
    summary: 'Attempt a delivery now',
    description:
      'Beside the automatic schedule, with the same `webhook-id`. A settled delivery can be attempted again too.',
  })
  @ApiResponse({ status: 202, type: DeliveryView, description: 'A worker was asked to attempt it.' })
  @ApiConflictResponse({ description: 'It cannot be attempted now; the detail says why.' })
  async retry(
    @CurrentStore() store: RequestStore,
    @IdParam('delivery') id: DeliveryId,
    @CurrentActor() actor: Actor,
  ): Promise<DeliveryView> {
    await this.retries.retry(store.id, id, actor);
    return deliveryView(await this.find(store.id, id));
  }

  private async find(storeId: StoreId, id: DeliveryId): Promise<DeliveryRow> {
    const delivery = await this.deliveries.find(storeId, id);
    if (delivery === null) throw notFound('delivery');
    return delivery;
  }
}
