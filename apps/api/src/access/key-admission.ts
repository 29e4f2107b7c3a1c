import { Injectable } from '@nestjs/common';
import { SignpostError } from '@signpost/domain';
import { notFound } from '../problems/not-found';
import type { AccessOptions } from './access.decorator';
import { type Admitted, forbidden, type StoreRequest, unauthenticated } from './admitted';
import type { ApiKeyCaller, RecognisedKey } from './caller';
import { CallerMemory } from './caller-memory';
import { type AcceptedKey, KeyAuthenticator } from './key-authenticator';
import { noteKeyUse } from './key-use';

/** Lets in who shows an API key. */
@Injectable()
export class KeyAdmission {
  constructor(
    private readonly keys: KeyAuthenticator,
    private readonly memory: CallerMemory,
  ) {}

  /** Asks the database. @throws SignpostError `unauthenticated`, `forbidden`, `not_found` */
  async admit(
    request: StoreRequest,
    { key, secret }: { key: string; secret: string },
    rule: AccessOptions,
  ): Promise<Admitted> {
    const outcome = await this.keys.authenticate({ key, secret, address: request.ip });
    if (outcome.kind !== 'accepted') {
      const shown = outcome.kind === 'refused' ? outcome.wrongSecretOf : outcome.caller;
      noteKeyUse(request, shown?.apiKeyId ?? null);
      throw outcome.kind === 'address_not_allowed' ? addressNotAllowed() : unauthenticated();
    }
    this.memory.remember(request.headers.authorization ?? '', outcome);
    const admitted = enterAs(outcome, request);
    const storeKey = request.params.store;
    if (storeKey !== undefined && storeKey !== outcome.storeKey) throw notFound('store');
    if (rule.apiKey !== 'any') throw forbidden();
    return storeKey === undefined ? { ...admitted, store: null } : admitted;
  }

  /**
   * Recognises, without I/O, an API key that was let into this store a moment ago. Only for handlers whose own transaction checks the key's
   * version again, because until then a revoked key still passes.
   *
   * @returns null when the database has to be asked
   */
  recall(request: StoreRequest): (Admitted & { readonly caller: ApiKeyCaller }) | null {
    const { authorization } = request.headers;
    const known = authorization === undefined ? null : this.memory.recall(authorization, request);
    if (known === null || request.params.store !== known.storeKey) return null;
    return enterAs(known, request);
  }

  /** @returns whether a caller that was recalled, and refused for its rate, is to be admitted anew: its limit may have been raised since */
  forgetRefused({ headers: { authorization } }: StoreRequest): boolean {
    return authorization !== undefined && this.memory.forgetRefused(authorization);
  }
}

/** Makes the key the caller of the request. From here on the request notes which permissions it exercises. */
function enterAs(
  { caller, storeKey }: AcceptedKey,
  request: StoreRequest,
): Admitted & { readonly caller: ApiKeyCaller } {
  const exercised = noteKeyUse(request, caller.apiKeyId);
  return { caller: callerOf(caller, exercised), store: { id: caller.storeId, key: storeKey } };
}

/** Field by field: V8 gives each object that is made by spreading this one a shape of its own, and then looks every field up slowly. */
function callerOf(key: RecognisedKey, exercised: ApiKeyCaller['exercised']): ApiKeyCaller {
  const { kind, storeId, apiKeyId, version, usedPreviousSecret, permissions, rateLimit } = key;
  return { kind, storeId, apiKeyId, version, usedPreviousSecret, permissions, rateLimit, exercised };
}

function addressNotAllowed(): SignpostError {
  return new SignpostError('forbidden', 'The API key may not be used from this address.');
}
