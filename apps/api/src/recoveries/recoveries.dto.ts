import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { RESENDABLE_STATUSES, type ResendableStatus } from '@signpost/database';
import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, IsIn, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { DeliveryQuery, STATUS_CODE, STATUS_CODE_PROPERTY } from '../deliveries/deliveries.dto';
import { IsIsoTime } from '../requests/is-iso-time';
import { Omittable } from '../requests/omittable';

/** What has failed, for good or so far, or was never sent. */
const STATUSES_DEFAULT: readonly ResendableStatus[] = ['failed', 'canceled', 'retrying'];

const STATUSES_PROPERTY = { enum: RESENDABLE_STATUSES, isArray: true, minItems: 1, default: STATUSES_DEFAULT };

export class RecoverBody {
  @ApiProperty({
    format: 'date-time',
    description:
      'Deliveries that began, or last failed, or were canceled, at this time or later; none that began more than eight days before it.',
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
  @IsIn(RESENDABLE_STATUSES, { each: true })
  statuses: ResendableStatus[] = [...STATUSES_DEFAULT];
}

/** The filters of the log of deliveries; the statuses are those of deliveries that are not on their way already. */
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

  @ApiPropertyOptional({ enum: RESENDABLE_STATUSES, description: 'Instead of `statuses`, where it is only one.' })
  @Omittable()
  @IsIn(RESENDABLE_STATUSES)
  status?: ResendableStatus;

  @ApiPropertyOptional(STATUSES_PROPERTY)
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(RESENDABLE_STATUSES, { each: true })
  statuses?: ResendableStatus[];
}

export class RetryBody {
  @ApiProperty({ type: RetryFilterBody, minProperties: 1, description: 'At least one filter.' })
  @IsObject()
  @ValidateNested()
  @Type(() => RetryFilterBody)
  filter: RetryFilterBody;
}

/** The statuses that a filter asks for. */
export function statusesOf({ status, statuses }: RetryFilterBody): readonly ResendableStatus[] {
  if (status !== undefined) return [status];
  return statuses ?? STATUSES_DEFAULT;
}
