import { accessibilityProblems, TestDashboard } from '../support/dashboard';
import { addMember, PASSWORD } from '../support/people';
import { expectStatus } from '../support/test-system';

let dashboard: TestDashboard;

beforeAll(async () => {
  dashboard = await TestDashboard.start();
  await dashboard.system.createStore('demo');
}, 300_000);
afterAll(() => dashboard.stop());

const pathOf = (url: string) => new URL(url).pathname + new URL(url).hash;

it('sends who is not signed in to where they can, and on to where they wanted to be', async () => {
  const page = await dashboard.open('/store/demo/settings/api');
  await dashboard.signIn(page, dashboard.operator.email);
  await page.waitForURL('**/store/demo/settings/api');
  await page.getByRole('heading', { name: 'API', exact: true }).waitFor();
  await page.evaluate('globalThis.isOld = true');
  await page.route('**/assets/webhooks-page*', (route) => route.abort());
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByRole('alert').getByText('has been upgraded').waitFor();
  expect(await page.evaluate('globalThis.isOld')).toBe(true);
  await page.unroute('**/assets/webhooks-page*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Webhooks' }).waitFor();
  // What an upgrade brought is there only in a dashboard that was loaded anew.
  expect(await page.evaluate('globalThis.isOld')).toBeUndefined();
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await page.waitForURL('**/sign-in');
  await page.context().close();
});

it.each(['https://evil.example.com', '//evil.example.com', '/%5Cevil.example.com'])(
  'leads to no %s after signing in, but to a page of its own',
  async (next) => {
    const page = await dashboard.open(`/sign-in?next=${next}`);
    await dashboard.signIn(page, dashboard.operator.email);
    expect(new URL(page.url()).origin).toBe(dashboard.system.api.url);
    await page.context().close();
  },
);

it('takes an invitation up, after a link that is too old too, and leaves no token in the address', async () => {
  const invitation = { email: 'new@example.com', role: 'admin' };
  const made = dashboard.system.api.operator.post<{ link: string }>('/api/v1/stores/demo/invitations', invitation);
  const page = await dashboard.open('/invitation#token=gone');
  await page.getByText('An invitation works once').waitFor();
  let isAway = true;
  await page.route('**/invitations/look', (route) => (isAway ? route.fulfill({ status: 500 }) : route.continue()));
  await page.goto(pathOf((await expectStatus(201, made)).link));
  await page.getByRole('alert').getByText('answered 500').waitFor();
  expect(await page.getByText('An invitation works once').count()).toBe(0);
  isAway = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('new@example.com').waitFor();
  expect(page.url()).not.toContain('token');
  await page.getByLabel('Name').fill('Nora New');
  await page.getByRole('textbox', { name: 'Password' }).fill('too short');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('textbox', { name: 'Password' }).and(page.locator(':focus')).fill(PASSWORD);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('**/store/demo');
  await page.context().close();
});

it('leads who is signed in as somebody else to the sign-in, and joins as who was invited', async () => {
  const { api } = dashboard.system;
  await dashboard.system.createStore('second');
  const { email } = await addMember(api, 'demo', 'viewer');
  const made = api.operator.post<{ link: string }>('/api/v1/stores/second/invitations', { email, role: 'viewer' });
  const page = await dashboard.openAs(
    (await addMember(api, 'demo', 'admin')).email,
    pathOf((await expectStatus(201, made)).link),
  );
  await page.getByRole('button', { name: 'Join' }).click();
  const another = page.context().waitForEvent('page');
  const signedOut = page.waitForResponse('**/api/v1/session');
  await page.getByRole('link', { name: 'Sign out, and sign in as who was invited' }).click();
  expect((await signedOut).status()).toBe(204);
  await dashboard.signIn(await another, email);
  await page.bringToFront();
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('link', { name: 'second' }).waitFor();
  await page.context().close();
});

it('opens the webhooks of one store, and nothing else, by a portal link', async () => {
  const { system } = dashboard;
  await system.createStore('shop');
  await system.createApiKey('shop');
  await system.createWebhook('shop', 'http://127.0.0.1:9/hook');
  const made = system.api.operator.post<{ url: string }>('/api/v1/stores/shop/portal-links', { role: 'admin' });
  const page = await dashboard.open(pathOf((await expectStatus(201, made)).url));
  await page.waitForURL('**/store/shop/settings/webhooks');
  const headings = page.getByRole('columnheader');
  await headings.filter({ hasText: 'URL' }).waitFor();
  expect(await headings.filter({ hasText: 'Signing key' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'API', exact: true }).count()).toBe(0);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
  expect(await page.getByRole('menuitem', { name: 'Account' }).count()).toBe(0);
  await page.goto('/account');
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await page.context().close();
});

it('keeps what was typed when the session has ended, and saves it once one has signed in in another tab', async () => {
  const { api } = dashboard.system;
  const { email } = await addMember(api, 'demo', 'admin');
  const page = await dashboard.openAs(email, '/store/demo/settings/api');
  await page.getByRole('button', { name: 'Add API' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Description').fill('Typed before');
  await api.sql('DELETE FROM person_sessions WHERE user_id = (SELECT id FROM people WHERE email = $1)', [email]);
  await dialog.getByRole('button', { name: 'Save' }).click();
  const another = page.context().waitForEvent('page');
  await dialog.getByRole('link', { name: 'Sign in in a new tab' }).click();
  await dashboard.signIn(await another, email);
  await page.bringToFront();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('textbox', { name: 'API Secret' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'Typed before' }).waitFor();
  await page.context().close();
});

it('keeps what is typed when a list finds meanwhile that the session has ended', async () => {
  const { api } = dashboard.system;
  const { email } = await addMember(api, 'demo', 'admin');
  const page = await dashboard.openAs(email, '/store/demo/settings/webhooks');
  await page.clock.install();
  await page.reload();
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  const url = page.getByRole('dialog').getByLabel('URL');
  await url.fill('https://shop.example.com/typed');
  await api.sql('DELETE FROM person_sessions WHERE user_id = (SELECT id FROM people WHERE email = $1)', [email]);
  const refused = page.waitForResponse((response) => response.status() === 401);
  await page.clock.fastForward(31_000);
  await refused;
  await page.getByRole('link', { name: 'Sign in in a new tab', includeHidden: true }).waitFor();
  expect(await url.inputValue()).toBe('https://shop.example.com/typed');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForURL('**/sign-in?next=*');
  await page.context().close();
});

it('leads to the sign-in whatever finds that the session has ended: a button, or signing out', async () => {
  const { api } = dashboard.system;
  await dashboard.system.createApiKey('demo');
  const { email } = await addMember(api, 'demo', 'admin');
  const endSession = () =>
    api.sql('DELETE FROM person_sessions WHERE user_id = (SELECT id FROM people WHERE email = $1)', [email]);
  const page = await dashboard.openAs(email, '/store/demo/settings/api');
  for (const name of ['Reveal API Secret of Order system', 'Copy API Secret of Order system']) {
    await page.getByRole('button', { name }).waitFor();
    await endSession();
    await page.getByRole('button', { name }).click();
    await page.waitForURL('**/sign-in?next=*');
    await dashboard.signIn(page, email);
  }
  await endSession();
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await page.waitForURL('**/sign-in');
  await page.context().close();
});

it('keeps the keyboard out of the navigation of a phone until it is open, and lets it out again', async () => {
  const phone = await dashboard.openAs(dashboard.operator.email, '/store/demo', 'phone');
  const inNavigation = phone.locator('nav[aria-label="Main"] :focus');
  await phone.locator('main a, main button').first().waitFor();
  await phone.getByRole('button', { name: /^Account of/ }).focus();
  await phone.keyboard.press('Tab');
  await phone.locator('main :focus').waitFor({ state: 'attached' });
  await phone.getByRole('button', { name: 'Navigation', exact: true }).press('Enter');
  await inNavigation.waitFor();
  expect(await accessibilityProblems(phone)).toEqual([]);
  await phone.keyboard.press('Escape');
  await phone.locator('header :focus[aria-expanded="false"]').waitFor();
  await phone.getByRole('navigation', { name: 'Main' }).waitFor({ state: 'hidden' });
  await phone.getByRole('button', { name: 'Navigation', exact: true }).click();
  await phone.getByRole('link', { name: 'Events' }).click();
  await phone.locator('h1:focus', { hasText: 'Events' }).waitFor();
  expect(await inNavigation.count()).toBe(0);
  await phone.context().close();
});

// Last: the entrance slows down where passwords are tried.
it('tells what is wrong with a password, and what to do', async () => {
  const page = await dashboard.open('/sign-in');
  await page.getByLabel('Email').fill('nobody@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  expect(page.url()).toContain('/sign-in');
  await page.context().close();
});
