import type { Page } from 'playwright-core';
import { findFreePort } from '../../apps/cli/src/services/find-free-port';
import { createApiKey } from '../support/admin-objects';
import { accessibilityProblems, TestDashboard } from '../support/dashboard';
import { addMember, letSignInAge, type TestPerson } from '../support/people';

let dashboard: TestDashboard;
let person: TestPerson;
let page: Page;

beforeAll(async () => {
  const port = await findFreePort();
  dashboard = await TestDashboard.start({
    PORT: String(port),
    SIGNPOST_PUBLIC_URL: `http://127.0.0.1:${port}`,
    SIGNPOST_OIDC_ISSUER: 'https://login.example.com',
    SIGNPOST_OIDC_CLIENT_ID: 'signpost',
    SIGNPOST_OIDC_CLIENT_SECRET: 'a secret of the client',
    SIGNPOST_OIDC_NAME: 'Acme Login',
  });
  const { api } = dashboard.system;
  await dashboard.system.createStore('acme');
  person = await addMember(api, 'acme', 'admin');
  page = await dashboard.openAs(person.email, '/account');
  await page.getByRole('button', { name: 'Change password' }).waitFor();
  // From now on the identity provider alone vouches for them.
  await api.sql('DELETE FROM person_accounts WHERE user_id = (SELECT id FROM people WHERE email = $1)', [person.email]);
  await page.reload();
}, 300_000);
afterAll(() => dashboard.stop());

const panel = (title: string) => page.getByRole('region', { name: title });

it('tells a person without a password how they sign in, and asks them for none', async () => {
  await panel('Password')
    .getByText('You sign in with Acme Login (OpenID Connect), and have no password here.')
    .waitFor();
  await panel('Second factor')
    .getByText(/You sign in with Acme Login \(OpenID Connect\): /)
    .waitFor();
  expect(await page.locator('input[type=password]').count()).toBe(0);
  expect(await page.getByRole('button', { name: /Turn on|Turn off|recovery codes|Change password/ }).count()).toBe(0);
  await panel('Sessions').getByRole('button', { name: 'Sign out everywhere' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

it('sends a person without a password to the identity provider where a recent sign-in is needed', async () => {
  await createApiKey(dashboard.system.api, '/api/v1/stores/acme', { description: 'Order system' });
  await letSignInAge(dashboard.system.api, person.email);
  await page.goto('/store/acme/settings/api');
  await page
    .getByRole('button', { name: /^Reveal/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  const link = dialog.getByRole('link', { name: 'Sign in with Acme Login (OpenID Connect)' });
  expect(await link.getAttribute('href')).toBe('/api/v1/openid/sign-in');
  expect(await dialog.locator('input').count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
});
