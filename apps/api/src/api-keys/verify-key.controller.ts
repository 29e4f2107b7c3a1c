import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, encodeId, type Permission } from '@signpost/domain';
import { CurrentCaller } from '../access/access-context';
import { Access } from '../access/access.decorator';
import type { Caller, RecognisedKey } from '../access/caller';
import { KeyAuthenticator, type KeyAuthentication } from '../access/key-authenticator';
import { KeyUsageRecorder } from '../key-usage/key-usage-recorder';
import { VerifyKeyBody } from './api-keys.dto';
import { VerifyKeyView } from './verify-key.view';

/** What a verified key is used for, as its usage shows it. */
const OPERATION = 'verified by another service';

@ApiTags('api-keys')
@Controller('api/v1/keys')
export class VerifyKeyController {
  constructor(
    private readonly keys: KeyAuthenticator,
    private readonly usage: KeyUsageRecorder,
  ) {}

  /**
   * Lets a store's other services authenticate their callers by the keys that Signpost keeps. A service that calls with an API key can
   * verify keys of its own store; operators can verify those of every store. Costs one indexed look-up.
   */
  @Post('verify')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Access({ operator: true, apiKey: 'any', people: 'operator' })
  @ApiOperation({ summary: 'Verify key and secret' })
  @ApiOkResponse({ type: VerifyKeyView })
  async verify(
    @Body() { key, secret, permission, address }: VerifyKeyBody,
    @CurrentCaller() caller: Caller,
  ): Promise<VerifyKeyView> {
    const outcome = await this.keys.authenticate({ key, secret, address: address ?? null });
    const shown = outcome.kind === 'refused' ? outcome.wrongSecretOf : outcome.caller;
    if (shown === null || !sees(caller, shown)) return verifyKeyView(UNKNOWN, permission);
    const view = verifyKeyView(outcome, permission);
    const permissions = new Set(permission === undefined ? [] : [permission]);
    this.usage.count({ apiKeyId: shown.apiKeyId, operation: OPERATION, allowed: view.valid, permissions });
    return view;
  }
}

const UNKNOWN: KeyAuthentication = { kind: 'refused', wrongSecretOf: null };

/** An API key must not learn about keys of other stores: those are answered like keys that do not exist. */
function sees(caller: Caller, { storeId }: Pick<RecognisedKey, 'storeId'>): boolean {
  return caller.kind !== 'api_key' || caller.storeId === storeId;
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
    case 'expired':
    case 'address_not_allowed':
      return invalid(outcome.kind);
    case 'refused':
      return invalid('unknown_key');
    default:
      return assertNever(outcome);
  }
}

function invalid(code: VerifyKeyView['code']): VerifyKeyView {
  return { valid: false, code, storeKey: null, keyId: null, permissions: [] };
}
