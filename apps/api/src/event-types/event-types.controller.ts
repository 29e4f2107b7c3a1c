import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { SUBSCRIBABLE_EVENT_TYPES } from '@signpost/domain';
import { Access } from '../access/access.decorator';
import { EventTypeList, eventTypeView } from './event-type.view';

/** The catalogue never changes while the process runs. */
const CATALOGUE: EventTypeList = { data: SUBSCRIBABLE_EVENT_TYPES.map(eventTypeView), nextCursor: null };

/** What can be published and subscribed to. */
@ApiTags('event types')
@Controller('api/v1/event-types')
export class EventTypesController {
  @Get()
  @Access({ operator: true, apiKey: 'any', people: 'session' })
  @ApiOperation({ summary: 'List event types with their schemas and samples' })
  @ApiResponse({ status: 200, type: EventTypeList })
  list(): EventTypeList {
    return CATALOGUE;
  }
}
