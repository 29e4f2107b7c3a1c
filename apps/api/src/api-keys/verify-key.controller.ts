import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, encodeId, type Permission } from '@signpost/domain';
import { Access } from '../access/access.decorator';
import { KeyAuthenticator, type KeyAuthentication } from '../access/key-authenticator';
import { VerifyKeyBody } from './api-keys.dto';
import { VerifyKeyView } from './verify-key.view';

@ApiTags('api-keys')
@Controller('api/v1/keys')
export class VerifyKeyController {
  constructor(private readonly keys: KeyAuthenticator) {}

  /** For the store's other services, which can thus let callers in by the keys that Signpost keeps. */
  @Post('verify')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Access({ operator: true })
  @ApiOperation({ summary: 'Verify key and secret' })
  @ApiOkResponse({ type: VerifyKeyView })
  async verify(@Body() { key, secret, permission }: VerifyKeyBody): Promise<VerifyKeyView> {
    return verifyKeyView(await this.keys.authenticate(key, secret, { cached: false }), permission);
  }
}

function verifyKeyView(outcome: KeyAuthentication, permission: Permission | undefined): VerifyKeyView {
  switch (outcome.kind) {
    case 'accepted': {
      const { apiKeyId, permissions } = outcome.caller;
      const valid = permission === undefined || permissions.has(permission);
      return {
        valid,
        code: valid ? 'valid' : 'lacks_permission',
        storeKey: outcome.storeKey,
        keyId: encodeId('apiKey', apiKeyId),
        permissions: [...permissions],
      };
    }
    case 'deactivated':
      return { valid: false, code: 'deactivated', storeKey: null, keyId: null, permissions: [] };
    case 'refused':
      return { valid: false, code: 'unknown_key', storeKey: null, keyId: null, permissions: [] };
    default:
      return assertNever(outcome);
  }
}
