import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { SUBSCRIBABLE_EVENT_TYPES } from '@signpost/domain';
import { Access } from '../access/access.decorator';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import { EventTypePage, eventTypeView } from './event-type.view';

const EVENT_TYPES = { of: 'event-types', storeId: null };

/**
 * The catalogue never changes while the process runs. Each entry has its place in the catalogue as its id, in the form that cursors need.
 */
const CATALOGUE = SUBSCRIBABLE_EVENT_TYPES.map((type, place) => ({
  id: `00000000-0000-0000-0000-${String(place).padStart(12, '0')}`,
  view: eventTypeView(type),
}));

/** What can be published and subscribed to. */
@ApiTags('event types')
@Controller('api/v1/event-types')
export class EventTypesController {
  @Get()
  @Access({ operator: true, apiKey: 'any', people: 'session' })
  @ApiOperation({ summary: 'List event types with their schemas and samples' })
  @ApiResponse({ status: 200, type: EventTypePage })
  list(@Query() query: PageQuery): EventTypePage {
    const { before, limit } = idPageOf(query, EVENT_TYPES);
    const following = before === null ? CATALOGUE : CATALOGUE.filter(({ id }) => id > before);
    return pageOf(following.slice(0, limit), query, EVENT_TYPES, ({ view }) => view);
  }
}
