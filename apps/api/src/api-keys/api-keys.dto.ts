import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Permission, PERMISSIONS } from '@signpost/domain';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsIP,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { AreCidrs } from '../requests/are-cidrs';
import { IsFutureTime } from '../requests/is-future-time';
import { IsIsoTime } from '../requests/is-iso-time';
import { Omittable, OmittableOrNull } from '../requests/omittable';
import { IsStorableText } from '../requests/storable-text';

const DESCRIPTION_MAX = 500;
const CREDENTIAL_MAX = 200;
const DAY_SECONDS = 24 * 60 * 60;
const CIDRS_MAX = 100;
const RATE_LIMIT_MAX = 10_000;

/** The limits of a key; null removes a limit. */
class ApiKeyLimits {
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'From this moment on the key neither authenticates nor signs; null: it does not expire.',
  })
  @OmittableOrNull()
  @IsIsoTime()
  @IsFutureTime()
  expiresAt?: string | null;

  @ApiPropertyOptional({
    type: [String],
    minItems: 1,
    maxItems: CIDRS_MAX,
    uniqueItems: true,
    nullable: true,
    example: ['203.0.113.0/24', '2001:db8::/32'],
    description: 'Networks that the key may be used from; null: from anywhere.',
  })
  @OmittableOrNull()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(CIDRS_MAX)
  @ArrayUnique()
  @AreCidrs()
  allowedCidrs?: string[] | null;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: RATE_LIMIT_MAX,
    nullable: true,
    description: 'Requests per second, on all API processes together; null: as `SIGNPOST_RATE_LIMIT_PER_KEY` says.',
  })
  @OmittableOrNull()
  @IsInt()
  @Min(1)
  @Max(RATE_LIMIT_MAX)
  rateLimit?: number | null;
}

export class CreateApiKeyBody extends ApiKeyLimits {
  @ApiPropertyOptional({ maxLength: DESCRIPTION_MAX, default: '' })
  @Omittable()
  @IsStorableText({ min: 0, max: DESCRIPTION_MAX })
  description: string = '';

  @ApiProperty({
    enum: PERMISSIONS,
    isArray: true,
    uniqueItems: true,
    description: 'What the key may publish (write) and read back.',
  })
  @IsArray()
  @ArrayUnique()
  @IsIn(PERMISSIONS, { each: true })
  permissions: Permission[];

  @ApiPropertyOptional({ default: true, description: 'A key that is off neither authenticates nor signs.' })
  @Omittable()
  @IsBoolean()
  activated: boolean = true;
}

export class UpdateApiKeyBody extends ApiKeyLimits {
  @ApiPropertyOptional({ maxLength: DESCRIPTION_MAX })
  @Omittable()
  @IsStorableText({ min: 0, max: DESCRIPTION_MAX })
  description?: string;

  @ApiPropertyOptional({ enum: PERMISSIONS, isArray: true, uniqueItems: true })
  @Omittable()
  @IsArray()
  @ArrayUnique()
  @IsIn(PERMISSIONS, { each: true })
  permissions?: Permission[];

  @ApiPropertyOptional()
  @Omittable()
  @IsBoolean()
  activated?: boolean;
}

export class RotateSecretBody {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 7 * DAY_SECONDS,
    default: DAY_SECONDS,
    description: 'How long the secret before still signs and authenticates; 0 ends it at once.',
  })
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(7 * DAY_SECONDS)
  overlapSeconds: number = DAY_SECONDS;
}

export class DeleteApiKeyQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Delete it although it signs webhooks.' })
  @Omittable()
  @IsIn(['true', 'false'])
  force?: 'true' | 'false';
}

export class VerifyKeyBody {
  @ApiProperty({ maxLength: CREDENTIAL_MAX })
  @IsString()
  @MaxLength(CREDENTIAL_MAX)
  key: string;

  @ApiProperty({ maxLength: CREDENTIAL_MAX })
  @IsString()
  @MaxLength(CREDENTIAL_MAX)
  secret: string;

  @ApiPropertyOptional({ enum: PERMISSIONS, description: 'Also ask whether the key has this permission.' })
  @Omittable()
  @IsIn(PERMISSIONS)
  permission?: Permission;

  @ApiPropertyOptional({
    example: '203.0.113.7',
    description: 'Also ask whether the key may be used from this address.',
  })
  @Omittable()
  @IsIP()
  address?: string;
}
