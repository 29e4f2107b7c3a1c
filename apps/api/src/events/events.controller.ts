import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { DeliveryLog, EventQueries, NO_DELIVERY_FILTERS } from '@signpost/database';
import type { EventId } from '@signpost/domain';
import { CurrentCaller, CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import type { Caller } from '../access/caller';
import { notFound } from '../problems/not-found';
import { IdParam } from '../requests/id-param';
import { logWindow } from '../requests/log-query';
import { pageOfLog } from '../requests/page';
import { EventDetailView, eventDetailJson, EventPage, eventView } from './event.view';
import { EventQuery } from './events.dto';
import { readableTypes, requireReadable } from './readable-types';

/** Deliveries that are shown with their event. */
const DELIVERIES_SHOWN_MAX = 250;

/** What was published, and what became of it. API keys see the types that they may read. */
@ApiTags('events')
@Controller('api/v1/stores/:store/events')
export class EventsController {
  constructor(
    private readonly events: EventQueries,
    private readonly deliveries: DeliveryLog,
  ) {}

  @Get()
  @Access({ operator: true, apiKey: 'any', people: 'viewer' })
  @ApiOperation({ summary: 'List events' })
  @ApiResponse({ status: 200, type: EventPage })
  async list(
    @CurrentStore() store: RequestStore,
    @CurrentCaller() caller: Caller,
    @Query() query: EventQuery,
  ): Promise<EventPage> {
    const list = { of: 'events', storeId: store.id };
    const types = readableTypes(caller, query.type);
    const test = query.test === undefined ? null : query.test === 'true';
    const slice = await this.events.list(store.id, logWindow(query, list), { types, test });
    const counts = await this.events.countDeliveries(
      store.id,
      slice.rows.map(({ id }) => id),
    );
    return pageOfLog(slice, query, list, (event) => eventView(event, counts.get(event.id) ?? {}));
  }

  @Get(':id')
  @Header('content-type', 'application/json; charset=utf-8')
  @Access({ operator: true, apiKey: 'any', people: 'viewer' })
  @ApiOperation({ summary: 'Show an event with its data and deliveries' })
  @ApiResponse({ status: 200, type: EventDetailView })
  async show(
    @CurrentStore() store: RequestStore,
    @CurrentCaller() caller: Caller,
    @IdParam('event') id: EventId,
  ): Promise<string> {
    const event = await this.events.find(store.id, id);
    if (event === null) throw notFound('event');
    requireReadable(caller, event.type);
    const window = { sinceMs: null, untilMs: null, before: null, limit: DELIVERIES_SHOWN_MAX };
    const [counts, { rows: deliveries }] = await Promise.all([
      this.events.countDeliveries(store.id, [id]),
      this.deliveries.list(store.id, window, { ...NO_DELIVERY_FILTERS, eventId: id }),
    ]);
    return eventDetailJson(event, counts.get(id) ?? {}, deliveries);
  }
}
