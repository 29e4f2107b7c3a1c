import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PORTAL_ROLES, type PortalRole, type Role, ROLES } from '@signpost/domain';
import { PASSWORD_MAX, PASSWORD_MIN } from '@signpost/people';
import { IsIn, IsInt, IsString, Length, Max, MaxLength, Min, MinLength } from 'class-validator';
import { Omittable } from '../requests/omittable';
import { IsName, NAME_PATTERN } from '../requests/is-name';
import { IsEmailAddress } from './is-email-address';

const EMAIL_MAX = 254;
const NAME_MAX = 200;
const CODE_MAX = 40;
const TOKEN_MAX = 200;
const PORTAL_SECONDS_MIN = 10;
const PORTAL_SECONDS_DEFAULT = 5 * 60;
const PORTAL_SECONDS_MAX = 60 * 60;

export class TokenBody {
  @ApiProperty({ maxLength: TOKEN_MAX, description: 'What follows `#token=` in the link.' })
  @IsString()
  @MaxLength(TOKEN_MAX)
  token: string;
}

export class SetupBody extends TokenBody {
  @ApiProperty({ minLength: 1, maxLength: NAME_MAX, pattern: NAME_PATTERN })
  @IsName(NAME_MAX)
  name: string;

  @ApiProperty({ format: 'email', maxLength: EMAIL_MAX })
  @IsEmailAddress()
  @MaxLength(EMAIL_MAX)
  email: string;

  @ApiProperty({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX })
  @IsString()
  @Length(PASSWORD_MIN, PASSWORD_MAX)
  password: string;
}

export class AcceptInvitationBody extends TokenBody {
  @ApiPropertyOptional({
    minLength: 1,
    maxLength: NAME_MAX,
    pattern: NAME_PATTERN,
    description: 'Of somebody who is new here.',
  })
  @Omittable()
  @IsName(NAME_MAX)
  name?: string;

  @ApiPropertyOptional({
    minLength: PASSWORD_MIN,
    maxLength: PASSWORD_MAX,
    description: 'Of somebody who is new here.',
  })
  @Omittable()
  @IsString()
  @Length(PASSWORD_MIN, PASSWORD_MAX)
  password?: string;
}

export class SignInBody {
  @ApiProperty({ format: 'email', maxLength: EMAIL_MAX })
  @IsEmailAddress()
  @MaxLength(EMAIL_MAX)
  email: string;

  @ApiProperty({ minLength: 1, maxLength: PASSWORD_MAX })
  @IsString()
  @MinLength(1)
  @MaxLength(PASSWORD_MAX)
  password: string;
}

export class CodeBody {
  @ApiProperty({
    minLength: 1,
    maxLength: CODE_MAX,
    description: 'Six digits of the authenticator, or a recovery code.',
  })
  @IsString()
  @Length(1, CODE_MAX)
  code: string;
}

export class PasswordBody {
  @ApiProperty({ minLength: 1, maxLength: PASSWORD_MAX })
  @IsString()
  @MinLength(1)
  @MaxLength(PASSWORD_MAX)
  password: string;
}

/** Holds either a password or a code. */
export class ConfirmBody {
  @ApiPropertyOptional({ minLength: 1, maxLength: PASSWORD_MAX })
  @Omittable()
  @IsString()
  @MinLength(1)
  @MaxLength(PASSWORD_MAX)
  password?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: CODE_MAX,
    description: 'Six digits of the authenticator, or a recovery code.',
  })
  @Omittable()
  @IsString()
  @Length(1, CODE_MAX)
  code?: string;
}

export class ChangePasswordBody {
  @ApiProperty({ minLength: 1, maxLength: PASSWORD_MAX })
  @IsString()
  @MinLength(1)
  @MaxLength(PASSWORD_MAX)
  current: string;

  @ApiProperty({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX })
  @IsString()
  @Length(PASSWORD_MIN, PASSWORD_MAX)
  next: string;
}

export class UpdateMeBody {
  @ApiPropertyOptional({ minLength: 1, maxLength: NAME_MAX, pattern: NAME_PATTERN })
  @Omittable()
  @IsName(NAME_MAX)
  name?: string;
}

export class RoleBody {
  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  role: Role;
}

export class InviteBody extends RoleBody {
  @ApiProperty({ format: 'email', maxLength: EMAIL_MAX })
  @IsEmailAddress()
  @MaxLength(EMAIL_MAX)
  email: string;
}

export class PortalLinkBody {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: PORTAL_SECONDS_MIN,
    maximum: PORTAL_SECONDS_MAX,
    default: PORTAL_SECONDS_DEFAULT,
    description: 'How long the link waits to be followed.',
  })
  @Omittable()
  @IsInt()
  @Min(PORTAL_SECONDS_MIN)
  @Max(PORTAL_SECONDS_MAX)
  expiresInSeconds: number = PORTAL_SECONDS_DEFAULT;

  @ApiPropertyOptional({ enum: PORTAL_ROLES, default: 'admin' })
  @Omittable()
  @IsIn(PORTAL_ROLES)
  role: PortalRole = 'admin';
}
