import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { StoreRepository } from '@signpost/database';
import { assertNever, SignpostError } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import { notFound } from '../problems/not-found';
import { type AccessContext, type RequestStore, setAccessContext } from './access-context';
import { ACCESS_RULE, type AccessOptions, type AccessRule } from './access.decorator';
import { readCredentials } from './credentials';
import { KeyAuthenticator } from './key-authenticator';
import { KeyRateLimiter } from './key-rate-limiter';
import { noteKeyUse } from './key-use';
import { OperatorToken } from './operator-token';

type Admission = Pick<AccessContext, 'caller' | 'store'>;

/**
 * Decides for every route who may call it. Whatever is not allowed is refused: bad credentials with 401, a store that is not
 * the caller's like one that does not exist, and what is left with 403.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly operatorToken: OperatorToken,
    private readonly keys: KeyAuthenticator,
    private readonly rateLimiter: KeyRateLimiter,
    private readonly stores: StoreRepository,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, execution.getHandler());
    if (rule === undefined)
      throw new Error(`${execution.getClass().name}.${execution.getHandler().name} has no @Access.`);
    if (rule === 'public') return true;
    const request = execution.switchToHttp().getRequest<FastifyRequest<{ Params: { store?: string } }>>();
    const admission = await this.admit(request, rule, rule.cachedCaller === true);
    if (admission.caller.kind === 'api_key') this.rateLimiter.take(admission.caller);
    const refreshCaller = async () => (await this.admit(request, rule, false)).caller;
    setAccessContext(request, { ...admission, refreshCaller });
    return true;
  }

  private async admit(
    request: FastifyRequest<{ Params: { store?: string } }>,
    rule: AccessOptions,
    cached: boolean,
  ): Promise<Admission> {
    const credentials = readCredentials(request.headers.authorization);
    switch (credentials.kind) {
      case 'none':
        throw unauthenticated();
      case 'bearer':
        if (!this.operatorToken.matches(credentials.token)) throw unauthenticated();
        return this.admitOperator(request.params.store, rule);
      case 'basic':
        return this.admitKey(request, credentials, rule, cached);
      default:
        return assertNever(credentials);
    }
  }

  private async admitOperator(storeKey: string | undefined, rule: AccessOptions): Promise<Admission> {
    const store = storeKey === undefined ? null : await this.findStore(storeKey);
    if (rule.operator !== true) throw forbidden();
    return { caller: { kind: 'operator' }, store };
  }

  private async admitKey(
    request: FastifyRequest<{ Params: { store?: string } }>,
    { key, secret }: { key: string; secret: string },
    rule: AccessOptions,
    cached: boolean,
  ): Promise<Admission> {
    const outcome = await this.keys.authenticate({ key, secret, address: request.ip }, { cached });
    const exercised = noteKeyUse(request, outcome);
    if (outcome.kind === 'address_not_allowed') throw addressNotAllowed();
    if (outcome.kind !== 'accepted') throw unauthenticated();
    const caller = { ...outcome.caller, exercised };
    const storeKey = request.params.store;
    if (storeKey !== undefined && storeKey !== outcome.storeKey) throw notFound('store');
    if (rule.apiKey !== 'any') throw forbidden();
    return { caller, store: storeKey === undefined ? null : { id: caller.storeId, key: outcome.storeKey } };
  }

  private async findStore(key: string): Promise<RequestStore> {
    const store = await this.stores.findByKey(key);
    if (store === null) throw notFound('store');
    return store;
  }
}

function unauthenticated(): SignpostError {
  return new SignpostError('unauthenticated', 'The credentials are missing or not valid.');
}

function addressNotAllowed(): SignpostError {
  return new SignpostError('forbidden', 'The API key may not be used from this address.');
}

function forbidden(): SignpostError {
  return new SignpostError('forbidden', 'This kind of caller is not allowed to do this.');
}
