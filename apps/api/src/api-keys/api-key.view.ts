import { ApiProperty, OmitType } from '@nestjs/swagger';
import type { ApiKeyEntity, KeyStanding } from '@signpost/database';
import { encodeId, maskSecret, type Permission, PERMISSIONS } from '@signpost/domain';
import { PageOf } from '../requests/page';
import { KeyStandingView, keyStandingView } from './key-usage.view';

export class ApiKeyView extends KeyStandingView {
  @ApiProperty({ example: 'key_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty()
  description: string;

  @ApiProperty({ description: 'Masked: only its last four characters are shown.', example: 'spk_••••••••4Fq2' })
  key: string;

  @ApiProperty({ description: 'Masked.', example: 'whsec_••••••••' })
  secret: string;

  @ApiProperty({ enum: PERMISSIONS, isArray: true })
  permissions: Permission[];

  @ApiProperty()
  activated: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'From this moment on it neither authenticates nor signs; null: it does not expire.',
  })
  expiresAt: string | null;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'Networks that it may be used from; null: from anywhere.',
  })
  allowedCidrs: string[] | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Requests per second, on all API processes together; null: as `SIGNPOST_RATE_LIMIT_PER_KEY` says.',
  })
  rateLimit: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  rotatedAt: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the secret before the last rotation is valid beside the current one.',
  })
  previousSecretUntil: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class ApiKeyPage extends PageOf(ApiKeyView) {}

export class CreatedApiKeyView extends OmitType(ApiKeyView, ['key', 'secret']) {
  @ApiProperty({ description: 'In clear.' })
  key: string;

  @ApiProperty({ description: 'In clear.' })
  secret: string;
}

export class RotatedApiKeyView extends OmitType(ApiKeyView, ['secret']) {
  @ApiProperty({ description: 'The new one, in clear.' })
  secret: string;
}

export class RevealedApiKeyView {
  @ApiProperty({ description: 'In clear.' })
  key: string;

  @ApiProperty({ description: 'In clear.' })
  secret: string;
}

export function apiKeyView(apiKey: ApiKeyEntity, standing: KeyStanding): ApiKeyView {
  return {
    ...keyStandingView(standing),
    id: encodeId('apiKey', apiKey.id),
    description: apiKey.description,
    key: apiKey.keyHint,
    secret: maskSecret(apiKey.secretSealed),
    permissions: apiKey.permissions,
    activated: apiKey.activated,
    expiresAt: apiKey.expiresAt?.toISOString() ?? null,
    allowedCidrs: apiKey.allowedCidrs,
    rateLimit: apiKey.rateLimit,
    rotatedAt: apiKey.rotatedAt?.toISOString() ?? null,
    previousSecretUntil: apiKey.previousSecretUntil?.toISOString() ?? null,
    createdAt: apiKey.createdAt.toISOString(),
    updatedAt: apiKey.updatedAt.toISOString(),
  };
}
