import { randomBytes } from 'node:crypto';
import type { PortalRole, Role } from '@signpost/domain';
import { Browser } from './browser';
import type { TestApi } from './test-api';
import { expectStatus } from './test-system';

export const PASSWORD = 'correct horse battery staple';

/** The address of the person who follows the set-up link. */
export const OPERATOR_EMAIL = 'operator@example.com';

/** Somebody with an account, and the browser in which they are signed in. */
export interface TestPerson {
  readonly email: string;
  readonly browser: Browser;
}

export interface ShownMe {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly operator: boolean;
  readonly secondFactorEnabled: boolean;
  readonly hasPassword: boolean;
  readonly recentUntil: string | null;
  readonly portal: boolean;
  readonly stores: readonly { readonly key: string; readonly name: string; readonly role: string }[];
}

/** The token in a link that is part of an answer, or was shown at the start. */
export function tokenOf(link: string | null | undefined): string {
  return new URL(link ?? '').hash.replace('#token=', '');
}

/** Follows the set-up link, which makes the first person, an operator. Works once per database. */
export async function setUp(api: TestApi): Promise<TestPerson> {
  const browser = new Browser(api.url);
  const email = OPERATOR_EMAIL;
  const body = { token: tokenOf(api.api.setupUrl), name: 'Olga Operator', email, password: PASSWORD };
  await expectStatus(204, browser.post('/api/v1/setup', body));
  return { email, browser };
}

/** Invites a new person into a store, and accepts the invitation for them. Needs {@link setUp} before. */
export async function addMember(api: TestApi, store: string, role: Role): Promise<TestPerson> {
  const email = `${role}-${randomBytes(4).toString('hex')}@example.com`;
  const path = `/api/v1/stores/${store}/invitations`;
  const { link } = await expectStatus(201, api.operator.post<{ link: string }>(path, { email, role }));
  const browser = new Browser(api.url);
  const body = { token: tokenOf(link), name: `A ${role}`, password: PASSWORD };
  await expectStatus(204, browser.post('/api/v1/invitations/accept', body));
  return { email, browser };
}

/** A browser in which a person without a second factor has signed in with the password. */
export async function signIn(api: TestApi, email: string): Promise<Browser> {
  const browser = new Browser(api.url);
  await expectStatus(200, browser.post('/api/v1/session', { email, password: PASSWORD }));
  return browser;
}

/** A browser that followed a portal link. */
export async function openPortal(api: TestApi, store: string, role: PortalRole = 'admin'): Promise<Browser> {
  const path = `/api/v1/stores/${store}/portal-links`;
  const { url } = await expectStatus(201, api.operator.post<{ url: string }>(path, { role }));
  const browser = new Browser(api.url);
  await expectStatus(200, browser.post('/api/v1/portal-sessions', { token: tokenOf(url) }));
  return browser;
}

/** Makes a person's last proof of identity look old. */
export async function letSignInAge(api: TestApi, email: string): Promise<void> {
  await api.sql(
    `UPDATE person_sessions SET confirmed_at = now() - interval '1 day'
     WHERE user_id = (SELECT id FROM people WHERE email = $1)`,
    [email],
  );
}
