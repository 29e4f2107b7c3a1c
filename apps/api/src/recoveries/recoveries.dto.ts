import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { SETTLED_STATUSES, type SettledStatus } from '@signpost/database';
import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, IsIn, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { DeliveryQuery, STATUS_CODE, STATUS_CODE_PROPERTY } from '../deliveries/deliveries.dto';
import { IsIsoTime } from '../requests/is-iso-time';
import { Omittable } from '../requests/omittable';

/** What has failed, or was never sent. */
const STATUSES_DEFAULT: readonly SettledStatus[] = ['failed', 'canceled'];

const STATUSES_PROPERTY = { enum: SETTLED_STATUSES, isArray: true, minItems: 1, default: STATUSES_DEFAULT };

export class RecoverBody {
  @ApiProperty({
    format: 'date-time',
    description: 'Deliveries that began, or last failed, or were canceled, at this time or later.',
  })
  @IsIsoTime()
  since: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Deliveries of which that was before this time; now when left out.',
  })
  @Omittable()
  @IsIsoTime()
  until?: string;

  @ApiPropertyOptional(STATUSES_PROPERTY)
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(SETTLED_STATUSES, { each: true })
  statuses: SettledStatus[] = [...STATUSES_DEFAULT];
}

/** The filters of the log of deliveries; the statuses are those of deliveries to which nothing more happens by itself. */
export class RetryFilterBody extends PickType(DeliveryQuery, [
  'webhookId',
  'eventId',
  'eventType',
  'errorCode',
  'since',
  'until',
]) {
  @ApiPropertyOptional(STATUS_CODE_PROPERTY)
  @Omittable()
  @IsInt()
  @Min(STATUS_CODE.min)
  @Max(STATUS_CODE.max)
  statusCode?: number;

  @ApiPropertyOptional({ enum: SETTLED_STATUSES, description: 'Instead of `statuses`, where it is only one.' })
  @Omittable()
  @IsIn(SETTLED_STATUSES)
  status?: SettledStatus;

  @ApiPropertyOptional(STATUSES_PROPERTY)
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(SETTLED_STATUSES, { each: true })
  statuses?: SettledStatus[];
}

export class RetryBody {
  @ApiProperty({ type: RetryFilterBody, description: 'At least one filter.' })
  @IsObject()
  @ValidateNested()
  @Type(() => RetryFilterBody)
  filter: RetryFilterBody;
}

/** The statuses that a filter asks for. */
export function statusesOf({ status, statuses }: RetryFilterBody): readonly SettledStatus[] {
  if (status !== undefined) return [status];
  return statuses ?? STATUSES_DEFAULT;
}
