import { createApiKey, createStore } from './admin-objects';
import { passExpiry } from './pass-expiry';
import { addMember, openPortal, setUp, signIn, type TestPerson } from './people';
import type { TestApi } from './test-api';
import { bearer, TestClient } from './test-client';
import { expectStatus } from './test-system';

/** Every kind of caller. The key or the role of a `foreign` one belongs to another store. */
export const CALLERS = [
  'nobody',
  'wrongToken',
  'operator',
  'personOperator',
  'owner',
  'admin',
  'viewer',
  'portalAdmin',
  'portalViewer',
  'key',
  'bareKey',
  'deactivatedKey',
  'expiredKey',
  'rotatedOutSecret',
  'foreignKey',
  'foreignOwner',
] as const;
export type CallerName = (typeof CALLERS)[number];

/** One caller of each kind. Callers with a session can begin another one after a call that ends it. */
export class AllCallers {
  private constructor(
    private readonly clients: Map<CallerName, TestClient>,
    private readonly newSessions: ReadonlyMap<CallerName, () => Promise<TestClient>>,
  ) {}

  /** Follows the set-up link, and makes the stores and all callers. */
  static async make(api: TestApi, { own, foreign }: { own: string; foreign: string }): Promise<AllCallers> {
    for (const store of [own, foreign]) await createStore(api, store);
    const people = new Map<CallerName, TestPerson>([['personOperator', await setUp(api)]]);
    for (const role of ['owner', 'admin', 'viewer'] as const) people.set(role, await addMember(api, own, role));
    people.set('foreignOwner', await addMember(api, foreign, 'owner'));
    const newSessions = new Map<CallerName, () => Promise<TestClient>>([
      ...[...people].map(([name, { email }]) => [name, () => signIn(api, email)] as const),
      ['portalAdmin', () => openPortal(api, own, 'admin')],
      ['portalViewer', () => openPortal(api, own, 'viewer')],
    ]);
    const clients = new Map<CallerName, TestClient>([
      ['nobody', api.nobody],
      ['wrongToken', new TestClient(api.url, bearer('operator-token-of-the-testz'))],
      ['operator', api.operator],
      ...(await keysOf(api, own)),
      ['foreignKey', api.as(await createApiKey(api, `/api/v1/stores/${foreign}`))],
    ]);
    for (const [name, begin] of newSessions) clients.set(name, people.get(name)?.browser ?? (await begin()));
    return new AllCallers(clients, newSessions);
  }

  get(name: CallerName): TestClient {
    const client = this.clients.get(name);
    if (client === undefined) throw new Error(`Nobody is called ${name}.`);
    return client;
  }

  /** Begins a new session for a caller whose session has ended. */
  async renew(name: CallerName): Promise<void> {
    const begin = this.newSessions.get(name);
    if (begin !== undefined) this.clients.set(name, await begin());
  }
}

async function keysOf(api: TestApi, store: string): Promise<(readonly [CallerName, TestClient])[]> {
  const path = `/api/v1/stores/${store}`;
  const deactivated = await createApiKey(api, path, { activated: false });
  const expired = await createApiKey(api, path, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
  await passExpiry(api, expired);
  const rotated = await createApiKey(api, path);
  await expectStatus(200, api.operator.post(`${path}/api-keys/${rotated.id}/rotate-secret`, { overlapSeconds: 0 }));
  return [
    ['key', api.as(await createApiKey(api, path))],
    ['bareKey', api.as(await createApiKey(api, path, { permissions: [] }))],
    ['deactivatedKey', api.as(deactivated)],
    ['expiredKey', api.as(expired)],
    ['rotatedOutSecret', api.as(rotated)],
  ];
}
