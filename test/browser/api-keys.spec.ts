import type { Page } from 'playwright-core';
import {
  accessibilityProblems,
  clipboardText,
  clippedInNarrowWindows,
  holdBack,
  TestDashboard,
  widerThanWindow,
} from '../support/dashboard';
import { addMember, letSignInAge, PASSWORD } from '../support/people';
import type { NewApiKey } from '../support/test-system';

const PATH = '/store/demo/settings/api';
const KEYS = '/api/v1/stores/demo/api-keys';

interface ListedKey {
  readonly id: string;
  readonly description: string;
  readonly permissions: readonly string[];
  readonly expiresAt: string | null;
  readonly allowedCidrs: readonly string[] | null;
  readonly rateLimit: number | null;
}

let dashboard: TestDashboard;
let apiKey: NewApiKey;
let page: Page;

beforeAll(async () => {
  dashboard = await TestDashboard.start();
  await dashboard.system.createStore('demo');
  apiKey = await dashboard.system.createApiKey('demo');
}, 300_000);
beforeEach(async () => {
  page = await dashboard.openAs(dashboard.operator.email, PATH);
});
afterEach(() => page.context().close());
afterAll(() => dashboard.stop());

const row = (name: string) => page.getByRole('row').filter({ hasText: name });
const verify = async ({ key, secret }: { key: string; secret: string }) =>
  (await dashboard.system.api.operator.post<{ valid: boolean }>('/api/v1/keys/verify', { key, secret })).body.valid;

const listed = async () => (await dashboard.system.api.operator.get<{ data: ListedKey[] }>(KEYS)).body.data;

/** Makes another key, and shows the page as it is with it. */
async function addKey(description: string): Promise<NewApiKey> {
  const made = await dashboard.system.createApiKey('demo');
  await dashboard.system.api.operator.patch(`${KEYS}/${made.id}`, { description });
  await page.reload();
  return made;
}

it('lists keys masked, with what the help page names', async () => {
  await row('Order system').waitFor();
  const headings = (await page.getByRole('columnheader').allInnerTexts()).join();
  for (const name of ['Activated', 'Description', 'API Key', 'API Secret', 'Actions']) expect(headings).toContain(name);
  const text = await row('Order system').innerText();
  expect(text).toContain('••••');
  expect(text).not.toContain(apiKey.secret);
  expect(await row('Order system').getByRole('img', { name: 'Activated', exact: true }).count()).toBe(1);
  // A description with nothing to read in it is none.
  await addKey(' \u200b');
  await row('No description')
    .getByRole('button', { name: /^Edit spk_/ })
    .waitFor();
});

it('finds and sorts as one types', async () => {
  await row('Order system').waitFor();
  await page.getByRole('searchbox').fill('no such key');
  await page.getByText('Nothing matches').waitFor();
  await page.getByRole('searchbox').fill('order');
  await row('Order system').waitFor();
  await page.getByRole('button', { name: 'Description' }).click();
  expect(await page.getByRole('columnheader', { name: 'Description' }).getAttribute('aria-sort')).toBe('ascending');
});

it('shows many keys part by part, newest first, finds those that are not shown yet, and keeps the focus', async () => {
  const { system } = dashboard;
  await system.createStore('many');
  const made: string[] = [];
  for (let count = 0; count < 120; count += 1) made.push((await system.createApiKey('many')).id);
  const describe = (id: string | undefined, description: string) =>
    system.api.operator.patch(`/api/v1/stores/many/api-keys/${id}`, { description });
  await Promise.all([describe(made[0], 'The oldest'), describe(made.at(-1), 'The newest')]);
  await page.goto('/store/many/settings/api');
  await page.getByRole('row').nth(1).getByText('The newest').waitFor();
  await page.getByText('These are 100 of 120.').waitFor();
  expect(await row('The oldest').count()).toBe(0);
  await page.getByRole('searchbox').fill('the oldest');
  await row('The oldest').waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Show more' }).press('Enter');
  await page.getByText('These are all 120.').waitFor();
  await row('The oldest').waitFor();
  await page.locator('button:focus[aria-disabled="true"]').waitFor();
});

it('reveals one key to those who confirm who they are, and hides it after half a minute', async () => {
  await letSignInAge(dashboard.system.api, dashboard.operator.email);
  await page.clock.install();
  await row('Order system').getByRole('button', { name: 'Reveal API Secret' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText(apiKey.secret).waitFor();
  await page.clock.fastForward(31_000);
  await page.getByText(apiKey.secret).waitFor({ state: 'detached' });
  expect(await page.getByRole('dialog').count()).toBe(0);
});

it('copies a secret without showing it', async () => {
  await row('Order system').getByRole('button', { name: 'Copy API Secret of Order system' }).click();
  await row('Order system').getByRole('button', { name: 'Copied' }).waitFor();
  expect(await clipboardText(page)).toBe(apiKey.secret);
  expect(await page.getByText(apiKey.secret).count()).toBe(0);
});

it('makes a key with the keyboard alone, warns who leaves without the secret, and gives the focus back', async () => {
  const add = page.getByRole('button', { name: 'Add API' });
  await add.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Description').waitFor();
  await page.getByLabel('Description').press('End');
  await page.keyboard.type('Storefront');
  await page.getByRole('button', { name: 'Read-only' }).focus();
  await page.keyboard.press('Space');
  expect(await page.getByRole('checkbox', { name: 'Read Orders' }).isChecked()).toBe(true);
  expect(await page.getByRole('checkbox', { name: 'Write Orders' }).isChecked()).toBe(false);
  await page.getByRole('button', { name: 'Save' }).focus();
  await page.keyboard.press('Enter');
  const key = await page.getByRole('textbox', { name: 'API Key' }).inputValue();
  const secret = await page.getByRole('textbox', { name: 'API Secret' }).inputValue();
  expect(await verify({ key, secret })).toBe(true);
  await page.locator(':focus', { hasText: 'Done' }).waitFor();

  await page.keyboard.press('Escape');
  await page.getByText('You have not copied the secret').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'API Secret' }).and(page.locator(':focus')).waitFor();
  await page.getByRole('button', { name: 'Copy API Secret' }).last().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Copied' }).waitFor();
  expect(await clipboardText(page)).toBe(secret);
  await page.keyboard.press('Escape');
  await row('Storefront').waitFor();
  await page.locator(':focus', { hasText: 'Add API' }).waitFor();
});

it('keeps the dialog while a key is made in it, for it is to show the secret, and says so', async () => {
  const creation = await holdBack(page, `**${KEYS}`);
  await page.getByRole('button', { name: 'Add API' }).click();
  await page.getByLabel('Description').fill('Hasty');
  await page.keyboard.press('Enter');
  await creation.asked;
  await page.keyboard.press('Escape');
  await page.getByRole('alert').getByText('Still waiting for an answer').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  creation.goOn();
  const key = await page.getByRole('textbox', { name: 'API Key' }).inputValue();
  const secret = await page.getByRole('textbox', { name: 'API Secret' }).inputValue();
  expect(await verify({ key, secret })).toBe(true);
});

it('says at once that there is no network to save by, and saves nothing later that one gave up', async () => {
  await page.getByRole('button', { name: 'Add API' }).click();
  await page.getByLabel('Description').fill('Offline');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText('Signpost cannot be reached.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const readAnew = page.waitForResponse('**/api-keys?*');
  await page.context().setOffline(false);
  await readAnew;
  expect((await listed()).map(({ description }) => description)).not.toContain('Offline');
});

it('makes a key once whose making was not answered, though it is saved again, and then shows the secret of that one', async () => {
  await addKey('Unheard');
  await letSignInAge(dashboard.system.api, dashboard.operator.email);
  await page.route(`**${KEYS}`, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByRole('button', { name: 'Add API' }).click();
  await page.getByLabel('Description').fill('Unheard');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('it is not made twice').waitFor();
  await page.unroute(`**${KEYS}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog', { name: 'Is it you?' }).getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  const key = await page.getByRole('textbox', { name: 'API Key' }).inputValue();
  const secret = await page.getByRole('textbox', { name: 'API Secret' }).inputValue();
  expect(await verify({ key, secret })).toBe(true);
  expect((await listed()).filter(({ description }) => description === 'Unheard')).toHaveLength(2);
});

it('changes a key, and renews its secret once at a double click, with both valid for as long as was chosen', async () => {
  const other = await addKey('Renewed');
  await page.getByRole('button', { name: 'Edit Renewed' }).click();
  await page.getByRole('button', { name: 'Renew secret' }).dblclick();
  const renewed = await page.getByRole('textbox', { name: 'API Secret' }).inputValue();
  await page.getByText('both sign and authenticate').waitFor();
  await page.getByRole('textbox', { name: 'API Secret' }).and(page.locator(':focus')).waitFor();
  expect([await verify(other), await verify({ key: other.key, secret: renewed })]).toEqual([true, true]);
  await page.getByRole('button', { name: 'Copy API Secret' }).last().click();
  await page.getByLabel('Description').fill('Renewed and renamed');
  await page.getByRole('button', { name: 'Save' }).click();
  await row('Renewed and renamed').waitFor();
});

it('closes at one Escape the question who it is, and not the dialog below it', async () => {
  await addKey('Asked for');
  await letSignInAge(dashboard.system.api, dashboard.operator.email);
  await page.getByRole('button', { name: 'Delete Asked for' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this API key?' });
  const question = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await question.getByRole('textbox', { name: 'Password' }).press('Escape');
  await question.waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await question.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await row('Asked for').waitFor({ state: 'detached' });
});

it('says what one more renewal ends when the answer to one was lost, and stays until the answer to the next', async () => {
  const { key, secret } = await addKey('Renewed unheard');
  await page.getByRole('button', { name: 'Edit Renewed unheard' }).click();
  await page.route('**/rotate-secret', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByRole('button', { name: 'Renew secret' }).click();
  await page.getByRole('alert').getByText('The secret may have been renewed').waitFor();
  await page.getByText('If you renew it once more before then, the old one ends at once.').waitFor();
  expect(await verify({ key, secret })).toBe(true);

  await page.unroute('**/rotate-secret');
  const renewal = await holdBack(page, '**/rotate-secret');
  await page.getByRole('button', { name: 'Renew secret' }).click();
  await renewal.asked;
  await page.keyboard.press('Escape');
  await page.getByRole('alert').getByText('Still waiting for an answer').waitFor();
  renewal.goOn();
  const renewed = await page.getByRole('textbox', { name: 'API Secret' }).inputValue();
  expect([await verify({ key, secret }), await verify({ key, secret: renewed })]).toEqual([false, true]);
});

it('changes only what was changed: a key that somebody switched off meanwhile, and permissions taken away, stay so', async () => {
  const { id } = await addKey('Leaked');
  await page.getByRole('button', { name: 'Edit Leaked' }).click();
  await dashboard.system.api.operator.patch(`${KEYS}/${id}`, { activated: false, permissions: ['orders:read'] });
  await page.getByLabel('Description').fill('Leaked on Monday');
  await page.getByRole('checkbox', { name: 'Read Customers' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await row('Leaked on Monday').getByRole('img', { name: 'Not activated' }).waitFor();
  const { permissions } = (await listed()).find((apiKey) => apiKey.id === id) ?? {};
  expect(permissions?.toSorted()).toEqual(['customers:read', 'orders:read']);
});

it('asks once for what is revealed, however often one clicks, and hides it as soon as its key is renewed', async () => {
  const other = await addKey('Renewed while seen');
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  let requests = 0;
  await page.route('**/reveal', async (route) => {
    requests += 1;
    await answered;
    await route.continue();
  });
  const reveal = page.getByRole('button', { name: 'Reveal API Secret of Renewed while seen' });
  await reveal.click();
  await page.locator('[aria-busy="true"]:focus').waitFor();
  await reveal.click();
  answer();
  await page.getByText(other.secret).waitFor();
  await page.getByRole('tooltip').waitFor({ state: 'detached' });
  expect(requests).toBe(1);
  await page.getByRole('button', { name: 'Edit Renewed while seen' }).click();
  await page.getByRole('button', { name: 'Renew secret' }).click();
  await page.getByRole('textbox', { name: 'API Secret' }).waitFor();
  await page.getByText(other.secret).waitFor({ state: 'detached' });
});

it('says before it ends a secret at once what that does', async () => {
  await page.getByRole('button', { name: 'Edit Order system' }).click();
  await page.getByRole('combobox', { name: 'Keep the old secret for' }).click();
  expect(await page.getByRole('alert').count()).toBe(0);
  await page.getByRole('option', { name: 'End it at once' }).click();
  await page.getByRole('alert').getByText('fail at once').waitFor();
});

it('lets go of who copied a new secret by hand', async () => {
  await page.getByRole('button', { name: 'Add API' }).click();
  await page.getByLabel('Description').fill('Copied by hand');
  await page.getByRole('button', { name: 'Save' }).click();
  const secret = page.getByRole('textbox', { name: 'API Secret' });
  await secret.focus();
  await page.keyboard.press('Control+C');
  expect(await clipboardText(page)).toBe(await secret.inputValue());
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it('bounds a key by time, network and rate, and says at the field what is wrong', async () => {
  await page.getByRole('button', { name: 'Add API' }).click();
  await page.getByLabel('Description').fill('Bounded');
  expect(await page.getByLabel('Allowed networks').isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Limits' }).click();
  await page.getByLabel('Expires').fill('2099-01-02T03:04');
  await page.getByLabel('Allowed networks').fill('anywhere');
  await page.getByLabel('Requests per second').fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('textarea[aria-invalid="true"]:focus').waitFor();
  await page.getByText('Each of the allowed networks must be a network in CIDR notation').first().waitFor();
  await page.getByLabel('Allowed networks').fill('203.0.113.0/24\n2001:db8::/32');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('textbox', { name: 'API Secret' }).waitFor();
  const made = (await listed()).find(({ description }) => description === 'Bounded');
  expect(made).toMatchObject({ allowedCidrs: ['203.0.113.0/24', '2001:db8::/32'], rateLimit: 7 });
  expect(made?.expiresAt).toMatch(/^2099-01-0/);
});

it('says of an expired key since when it is good for nothing, and still lets it be changed', async () => {
  const { id } = await addKey('Old one');
  await dashboard.system.api.sql(
    `UPDATE api_keys SET expires_at = now() - interval '1 day' WHERE description = 'Old one'`,
  );
  await page.reload();
  await page.getByRole('button', { name: 'Edit Old one' }).click();
  await page.getByText(/^It expired on .+ It neither authenticates nor signs\./).waitFor();
  expect(await page.getByLabel('Expires').isVisible()).toBe(true);
  await page.getByLabel('Description').fill('Very old one');
  await page.getByRole('button', { name: 'Save' }).click();
  await row('Very old one').waitFor();
  expect((await listed()).find((apiKey) => apiKey.id === id)?.expiresAt).not.toBeNull();
});

it('names some of the webhooks that a key signs before it is deleted, and then lets nobody in with it', async () => {
  const other = await addKey('Doomed');
  const url = 'http://127.0.0.1:9/doomed';
  for (let count = 1; count <= 11; count += 1)
    await dashboard.system.createWebhook('demo', `http://127.0.0.1:9/${count}`, { apiKeyId: other.id });
  const { id } = await dashboard.system.createWebhook('demo', url, { apiKeyId: other.id });
  await page.reload();
  await page.getByRole('button', { name: 'Delete Doomed' }).click();
  await page.getByRole('dialog').getByText(url).waitFor();
  await page.getByRole('dialog').getByText('and 2 more').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row('Doomed').waitFor({ state: 'detached' });
  expect(await verify(other)).toBe(false);
  const webhook = await dashboard.system.api.operator.get<{ status: string }>(`/api/v1/stores/demo/webhooks/${id}`);
  expect(webhook.body.status).toBe('held');
});

it('says what a key signs by now, and deletes it all the same for who wants that', async () => {
  const other = await addKey('In use by now');
  await page.getByRole('button', { name: 'Delete In use by now' }).click();
  const button = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
  await button.and(page.locator(':enabled')).waitFor();
  const url = 'http://127.0.0.1:9/meanwhile';
  await dashboard.system.createWebhook('demo', url, { apiKeyId: other.id });
  await button.click();
  await page
    .getByRole('alert')
    .and(page.locator(':focus', { hasText: 'delete this one once more' }))
    .waitFor();
  await page.getByRole('dialog').getByText(url).waitFor();
  await button.click();
  await row('In use by now').waitFor({ state: 'detached' });
});

it('keeps what was typed beside a time that no calendar has', async () => {
  await page.getByRole('button', { name: 'Add API' }).click();
  await page.getByLabel('Description').fill('Far away');
  await page.getByRole('button', { name: 'Limits' }).click();
  await page.getByLabel('Expires').fill('20266-01-02T03:04');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('input[type="datetime-local"]:invalid').waitFor();
  await page.getByLabel('Expires').fill('2099-01-02T03:04');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('textbox', { name: 'API Secret' }).waitFor();
});

it('copies over plain http, which has no clipboard for a page, and shows what even so it cannot copy', async () => {
  const search = page.getByRole('searchbox');
  const pasted = async () => {
    await search.fill('');
    await search.press('Control+V');
    return search.inputValue();
  };
  await row('Order system').waitFor();
  await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
  await page.getByRole('button', { name: 'Copy API Secret of Order system' }).click();
  await row('Order system').getByRole('button', { name: 'Copied' }).waitFor();
  expect(await pasted()).toBe(apiKey.secret);
  await search.fill('');

  await row('Order system').waitFor();
  await page.evaluate('document.execCommand = () => false');
  await page.getByRole('button', { name: 'Copy API Key of Order system' }).click();
  const shown = page.getByRole('textbox', { name: 'Copy it by hand' });
  await shown.and(page.locator(':focus')).waitFor();
  expect(await shown.inputValue()).toBe(apiKey.key);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Control+C');
  await shown.waitFor({ state: 'detached' });
  expect(await pasted()).toBe(apiKey.key);
});

it('leaves every button within reach, however narrow the window is and however long a word of a description', async () => {
  const word = 'w'.repeat(400);
  await addKey(word);
  await row(word).waitFor();
  expect(await clippedInNarrowWindows(page)).toEqual([]);
  await page.getByRole('button', { name: `Reveal API Key of ${word}` }).hover();
  await page.getByRole('tooltip').waitFor();
  expect(await widerThanWindow(page)).toBe(0);
  await page.getByRole('button', { name: 'Description' }).click();
  await page
    .getByRole('columnheader', { name: 'Description', exact: true })
    .and(page.locator('[aria-sort="ascending"]'))
    .waitFor();
  await page.getByRole('button', { name: `Delete ${word}` }).click();
  await page.getByRole('dialog', { name: 'Delete this API key?' }).waitFor();
});

it('asks how a key is used once it comes into view, and not sooner', async () => {
  const { api } = dashboard.system;
  await api.sql(
    `INSERT INTO api_key_last_uses (api_key_id, permission, last_used_at) SELECT id, '', now() FROM api_keys
     ON CONFLICT DO NOTHING`,
  );
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
  await page.setViewportSize({ width: 1360, height: 120 });
  await page.reload();
  await row('Order system').waitFor();
  await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))');
  expect(asked.filter((path) => path.endsWith('/usage'))).toEqual([]);
  const usage = page.waitForResponse('**/usage?*');
  await row('Order system').scrollIntoViewIfNeeded();
  expect((await usage).status()).toBe(200);
});

it('shows a viewer neither secrets nor buttons', async () => {
  const viewer = await addMember(dashboard.system.api, 'demo', 'viewer');
  const theirs = await dashboard.openAs(viewer.email, PATH);
  await theirs.getByRole('row').filter({ hasText: 'Order system' }).waitFor();
  expect(await theirs.getByRole('button', { name: /Add API|Reveal|Edit|Delete/ }).count()).toBe(0);
  await theirs.context().close();
});

it('takes the buttons away from who is an admin no more, as soon as one of them is refused, and the page from who is no member', async () => {
  const { email } = await addMember(dashboard.system.api, 'demo', 'admin');
  const theirs = await dashboard.openAs(email, PATH);
  await theirs.getByRole('button', { name: 'Add API' }).click();
  await theirs.getByLabel('Description').fill('Too late');
  const members = '/api/v1/stores/demo/members';
  const { data } = (await dashboard.system.api.operator.get<{ data: { id: string; email: string }[] }>(members)).body;
  const id = data.find((member) => member.email === email)?.id;
  await dashboard.system.api.operator.patch(`${members}/${id}`, { role: 'viewer' });
  await theirs.getByRole('button', { name: 'Save' }).click();
  await theirs.getByRole('alert').and(theirs.locator(':focus')).waitFor();
  expect(await theirs.getByLabel('Description').inputValue()).toBe('Too late');
  await theirs.keyboard.press('Escape');
  await theirs.getByRole('button', { name: 'Add API' }).waitFor({ state: 'detached' });
  expect(await theirs.getByRole('button', { name: /Reveal|Edit|Delete/ }).count()).toBe(0);

  await dashboard.system.api.operator.delete(`${members}/${id}`);
  await theirs.getByRole('link', { name: 'Events' }).click();
  await theirs.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  await theirs.context().close();
});
