import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { SUBSCRIBABLE_EVENT_TYPES, type SubscribableEventType } from '@signpost/domain';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { Omittable, OmittableOrNull } from '../requests/omittable';
import { IsStorableText } from '../requests/storable-text';
import { IsKeyId } from './is-key-id';

const URL_MAX = 2_048;
/** Not the format `uri`: the letters of any language are taken, too. */
const URL_PATTERN = '^[Hh][Tt][Tt][Pp][Ss]?://';
const EVENTS_MAX = 100;
const DESCRIPTION_MAX = 500;
const RATE_LIMIT_MAX = 10_000;

export class CreateWebhookBody {
  @ApiProperty({
    pattern: URL_PATTERN,
    minLength: 1,
    maxLength: URL_MAX,
    example: 'https://erp.example.com/hooks/orders',
  })
  @IsStorableText({ min: 1, max: URL_MAX })
  url: string;

  @ApiProperty({ enum: SUBSCRIBABLE_EVENT_TYPES, isArray: true, minItems: 1, maxItems: EVENTS_MAX })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(EVENTS_MAX)
  @IsIn(SUBSCRIBABLE_EVENT_TYPES, { each: true })
  events: SubscribableEventType[];

  @ApiPropertyOptional({ description: "The key whose secret signs. The store's oldest active key when left out." })
  @Omittable()
  @IsKeyId()
  apiKeyId?: string;

  @ApiPropertyOptional({ maxLength: DESCRIPTION_MAX, default: '' })
  @Omittable()
  @IsStorableText({ min: 0, max: DESCRIPTION_MAX })
  description: string = '';

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: RATE_LIMIT_MAX,
    nullable: true,
    default: null,
    description: 'Requests per second, over all workers; null is unlimited.',
  })
  @OmittableOrNull()
  @IsInt()
  @Min(1)
  @Max(RATE_LIMIT_MAX)
  rateLimit: number | null = null;
}

export class UpdateWebhookBody {
  @ApiPropertyOptional({ pattern: URL_PATTERN, minLength: 1, maxLength: URL_MAX })
  @Omittable()
  @IsStorableText({ min: 1, max: URL_MAX })
  url?: string;

  @ApiPropertyOptional({ enum: SUBSCRIBABLE_EVENT_TYPES, isArray: true, minItems: 1, maxItems: EVENTS_MAX })
  @Omittable()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(EVENTS_MAX)
  @IsIn(SUBSCRIBABLE_EVENT_TYPES, { each: true })
  events?: SubscribableEventType[];

  @ApiPropertyOptional()
  @Omittable()
  @IsKeyId()
  apiKeyId?: string;

  @ApiPropertyOptional({ maxLength: DESCRIPTION_MAX })
  @Omittable()
  @IsStorableText({ min: 0, max: DESCRIPTION_MAX })
  description?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: RATE_LIMIT_MAX, nullable: true })
  @OmittableOrNull()
  @IsInt()
  @Min(1)
  @Max(RATE_LIMIT_MAX)
  rateLimit?: number | null;

  @ApiPropertyOptional({ description: 'What happens while it is disabled is not sent to it later.' })
  @Omittable()
  @IsBoolean()
  enabled?: boolean;
}
