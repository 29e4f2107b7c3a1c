import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Permission, PERMISSIONS } from '@signpost/domain';
import { ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { Omittable } from '../requests/omittable';
import { IsStorableText } from '../requests/storable-text';

const DESCRIPTION_MAX = 500;
const CREDENTIAL_MAX = 200;
const DAY_SECONDS = 24 * 60 * 60;

export class CreateApiKeyBody {
  @ApiPropertyOptional({ maxLength: DESCRIPTION_MAX, default: '' })
  @Omittable()
  @IsStorableText({ min: 0, max: DESCRIPTION_MAX })
  description: string = '';

  @ApiProperty({ enum: PERMISSIONS, isArray: true, description: 'What the key may publish (write) and read back.' })
  @IsArray()
  @ArrayUnique()
  @IsIn(PERMISSIONS, { each: true })
  permissions: Permission[];

  @ApiPropertyOptional({ default: true, description: 'A key that is off neither authenticates nor signs.' })
  @Omittable()
  @IsBoolean()
  activated: boolean = true;
}

export class UpdateApiKeyBody {
  @ApiPropertyOptional({ maxLength: DESCRIPTION_MAX })
  @Omittable()
  @IsStorableText({ min: 0, max: DESCRIPTION_MAX })
  description?: string;

  @ApiPropertyOptional({ enum: PERMISSIONS, isArray: true })
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
  @ApiProperty()
  @IsString()
  @MaxLength(CREDENTIAL_MAX)
  key: string;

  @ApiProperty()
  @IsString()
  @MaxLength(CREDENTIAL_MAX)
  secret: string;

  @ApiPropertyOptional({ enum: PERMISSIONS, description: 'Also ask whether the key has this permission.' })
  @Omittable()
  @IsIn(PERMISSIONS)
  permission?: Permission;
}
