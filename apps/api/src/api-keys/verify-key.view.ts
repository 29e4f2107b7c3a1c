import { ApiProperty } from '@nestjs/swagger';
import { type Permission, PERMISSIONS } from '@signpost/domain';

export const VERIFY_CODES = [
  'valid',
  'unknown_key',
  'deactivated',
  'expired',
  'address_not_allowed',
  'lacks_permission',
] as const;
export type VerifyCode = (typeof VERIFY_CODES)[number];

export class VerifyKeyView {
  @ApiProperty({ description: 'Whether `code` is `valid`.' })
  valid: boolean;

  @ApiProperty({
    enum: VERIFY_CODES,
    description:
      '`unknown_key` also stands for a deleted key, a wrong secret and, for API keys that ask, a key of another store.',
  })
  code: VerifyCode;

  @ApiProperty({ type: String, nullable: true })
  storeKey: string | null;

  @ApiProperty({ type: String, nullable: true })
  keyId: string | null;

  @ApiProperty({ enum: PERMISSIONS, isArray: true })
  permissions: Permission[];
}
