import type { PersonLookup } from '@signpost/database';
import { assertNever, hashToken, type StoreId } from '@signpost/domain';
import { readSessionCookie } from '@signpost/people';
import type { FastifyRequest } from 'fastify';
import type { PublicAddress } from '../platform/public-address';
import type { PersonCaller, PortalCaller } from './caller';

/** Who a session belongs to. `storeId`: the live store that was asked about; null: it does not exist, or no store was asked about. */
export interface SessionHolder {
  readonly caller: PersonCaller | PortalCaller;
  readonly storeId: StoreId | null;
}

/** Recognises people by the session cookie. The database is asked each time, so that an ended session or a changed role counts at once. */
export class PersonAuthenticator {
  constructor(
    private readonly lookup: PersonLookup,
    private readonly address: PublicAddress,
  ) {}

  /** @returns null without a cookie, or when its session does not exist or has ended */
  async authenticate(request: FastifyRequest, storeKey: string | undefined): Promise<SessionHolder | null> {
    const cookie = readSessionCookie(request.headers.cookie, this.address.base);
    switch (cookie.kind) {
      case 'none':
        return null;
      case 'person':
        return this.findPerson(hashToken(cookie.token), storeKey);
      case 'portal':
        return this.findPortal(hashToken(cookie.token), storeKey);
      default:
        return assertNever(cookie);
    }
  }

  private async findPerson(sessionHash: Buffer, storeKey: string | undefined): Promise<SessionHolder | null> {
    const found = await this.lookup.findPerson(sessionHash, storeKey);
    if (found === null) return null;
    const { storeId, ...person } = found;
    return { caller: { kind: 'person', ...person, sessionHash }, storeId };
  }

  private async findPortal(sessionHash: Buffer, storeKey: string | undefined): Promise<SessionHolder | null> {
    const found = await this.lookup.findPortal(sessionHash);
    if (found === null) return null;
    return { caller: { kind: 'portal', ...found }, storeId: found.storeKey === storeKey ? found.storeId : null };
  }
}
