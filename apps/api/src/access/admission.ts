import { Injectable } from '@nestjs/common';
import { StoreRepository } from '@signpost/database';
import { assertNever, SignpostError } from '@signpost/domain';
import { PublicAddress } from '../platform/public-address';
import { notFound } from '../problems/not-found';
import { storeKeyInAddress } from '../requests/store-key';
import { type Admitted, forbidden, type StoreRequest, unauthenticated } from './admitted';
import type { RequestStore } from './access-context';
import type { AccessOptions } from './access.decorator';
import { hasRole, type PersonCaller, type PortalCaller } from './caller';
import { readCredentials } from './credentials';
import { KeyAdmission } from './key-admission';
import { OperatorToken } from './operator-token';
import { PersonAuthenticator } from './person-authenticator';
import { SetupGate } from './setup-gate';

/**
 * Finds out who makes a request and whether the route is for them. Bad credentials are refused with 401, the store of somebody else with
 * 404, as if it did not exist, and everything else that is not allowed with 403.
 */
@Injectable()
export class Admission {
  constructor(
    private readonly operatorToken: OperatorToken,
    private readonly keys: KeyAdmission,
    private readonly people: PersonAuthenticator,
    private readonly stores: StoreRepository,
    private readonly setup: SetupGate,
    private readonly address: PublicAddress,
  ) {}

  /**
   * Asks the database each time, so that a change holds on the very next request.
   *
   * @throws SignpostError `unauthenticated`, `forbidden`, `not_found`, `setup_due`, `recent_sign_in_required`
   */
  async admit(request: StoreRequest, rule: AccessOptions): Promise<Admitted> {
    const credentials = readCredentials(request.headers.authorization);
    switch (credentials.kind) {
      case 'none':
        if (request.headers.authorization !== undefined) throw unauthenticated();
        return this.admitSession(request, rule);
      case 'bearer':
        if (!this.operatorToken.matches(credentials.token)) throw unauthenticated();
        return this.admitOperator(storeKeyInAddress(request.params.store), rule);
      case 'basic':
        return this.keys.admit(request, credentials, rule);
      default:
        return assertNever(credentials);
    }
  }

  private async admitOperator(storeKey: string | undefined, rule: AccessOptions): Promise<Admitted> {
    const store = storeKey === undefined ? null : await this.findStore(storeKey);
    if (rule.operator !== true) throw forbidden();
    return { caller: { kind: 'operator' }, store };
  }

  private async admitSession(request: StoreRequest, rule: AccessOptions): Promise<Admitted> {
    const storeKey = storeKeyInAddress(request.params.store);
    const holder = await this.people.authenticate(request, storeKey);
    if (holder === null) {
      if (isForPeopleAlone(rule)) await this.setup.pass();
      throw unauthenticated();
    }
    this.address.requireOwnOrigin(request, { mayBeMissing: false });
    const { caller, storeId } = holder;
    if (storeKey !== undefined && (storeId === null || !hasRole(caller, 'viewer'))) throw notFound('store');
    if (!isFor(caller, rule)) throw forbidden();
    if (rule.recentSignIn === true && caller.recentUntil === null) {
      throw new SignpostError('recent_sign_in_required', 'Confirm that it is you: by your password or a code.');
    }
    return { caller, store: storeKey === undefined || storeId === null ? null : { id: storeId, key: storeKey } };
  }

  private async findStore(key: string): Promise<RequestStore> {
    const store = await this.stores.findByKey(key);
    if (store === null) throw notFound('store');
    return store;
  }
}

function isForPeopleAlone({ operator, apiKey }: AccessOptions): boolean {
  return operator !== true && apiKey !== 'any';
}

/** Whether a route lets in a caller with a session, who is known to belong to the route's store if it has one. */
function isFor(caller: PersonCaller | PortalCaller, { people, portal }: AccessOptions): boolean {
  switch (people) {
    case undefined:
      return false;
    case 'session':
      return true;
    case 'person':
      return caller.kind === 'person';
    case 'operator':
      return caller.kind === 'person' && caller.operator;
    case 'owner':
    case 'admin':
    case 'viewer':
      return !(caller.kind === 'portal' && portal === 'none') && hasRole(caller, people);
    default:
      return assertNever(people);
  }
}
