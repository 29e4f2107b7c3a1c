import { ApiPropertyOptional } from '@nestjs/swagger';
import { SUBSCRIBABLE_EVENT_TYPES, type SubscribableEventType } from '@signpost/domain';
import { IsIn } from 'class-validator';
import { LogQuery } from '../requests/log-query';
import { Omittable } from '../requests/omittable';

/** The query of the list of events. */
export class EventQuery extends LogQuery {
  @ApiPropertyOptional({ enum: SUBSCRIBABLE_EVENT_TYPES })
  @Omittable()
  @IsIn(SUBSCRIBABLE_EVENT_TYPES)
  type?: SubscribableEventType;

  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Only tests, or none; left out: both.' })
  @Omittable()
  @IsIn(['true', 'false'])
  test?: 'true' | 'false';
}
