import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { DELIVERY_STATUSES, type DeliveryStatus } from '@signpost/database';
import {
  ATTEMPT_ERROR_CODES,
  type AttemptErrorCode,
  SUBSCRIBABLE_EVENT_TYPES,
  type SubscribableEventType,
} from '@signpost/domain';
import { IsIn } from 'class-validator';
import { IsId } from '../requests/is-id';
import { LogQuery } from '../requests/log-query';
import { Omittable } from '../requests/omittable';
import { QueryInt } from '../requests/query-int';

export const STATUS_CODE = { min: 100, max: 599 };
export const STATUS_CODE_PROPERTY = {
  type: 'integer',
  minimum: STATUS_CODE.min,
  maximum: STATUS_CODE.max,
  description: 'Of the last attempt.',
} as const;

/** The query of the log of deliveries. */
export class DeliveryQuery extends LogQuery {
  @ApiPropertyOptional({ example: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm' })
  @Omittable()
  @IsId('webhook')
  webhookId?: string;

  @ApiPropertyOptional({ example: 'evt_01jp9b4bzxe0sve4k7q1r6y8ac' })
  @Omittable()
  @IsId('event')
  eventId?: string;

  @ApiPropertyOptional({ enum: DELIVERY_STATUSES })
  @Omittable()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;

  @ApiPropertyOptional({ enum: SUBSCRIBABLE_EVENT_TYPES })
  @Omittable()
  @IsIn(SUBSCRIBABLE_EVENT_TYPES)
  eventType?: SubscribableEventType;

  @ApiPropertyOptional(STATUS_CODE_PROPERTY)
  @Omittable()
  @QueryInt(STATUS_CODE.min, STATUS_CODE.max)
  statusCode?: number;

  @ApiPropertyOptional({ enum: ATTEMPT_ERROR_CODES, description: 'Of the last attempt.' })
  @Omittable()
  @IsIn(ATTEMPT_ERROR_CODES)
  errorCode?: AttemptErrorCode;
}

/** The filters of the log of deliveries, of no page. */
export class DeliveryFilterQuery extends OmitType(DeliveryQuery, ['limit', 'cursor']) {}
