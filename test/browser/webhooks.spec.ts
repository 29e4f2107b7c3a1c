import type { Page } from 'playwright-core';
import { clipboardText, clippedInNarrowWindows, holdBack, PHONE, TestDashboard } from '../support/dashboard';
import { TestReceiver } from '../support/test-receiver';

const PATH = '/store/demo/settings/webhooks';
const WEBHOOKS = '/api/v1/stores/demo/webhooks';

let dashboard: TestDashboard;
let receiver: TestReceiver;
let page: Page;

beforeAll(async () => {
  dashboard = await TestDashboard.start();
  receiver = await TestReceiver.start((request, response) => {
    const hostile = '\u001b[31mred <img src=x onerror=alert(1)>';
    response.writeHead(request.path === '/failing' ? 500 : 200, { 'x-note': '<b>bold</b>' }).end(hostile);
  });
  await dashboard.system.createStore('demo');
  await dashboard.system.createApiKey('demo');
  await dashboard.system.createWebhook('demo', `${receiver.url}/first`, { description: 'ERP' });
}, 300_000);
beforeEach(async () => {
  page = await dashboard.openAs(dashboard.operator.email, PATH);
});
afterEach(() => page.context().close());
afterAll(async () => {
  await dashboard.stop();
  await receiver.close();
});

const row = (text: string) => page.getByRole('row').filter({ hasText: text });
/** Where the answer to a dummy is shown, which the row's button has sent already. */
const sendDummy = async (url: string) => {
  await row(url).getByRole('button', { name: 'Send Dummy' }).click();
  return page.getByRole('dialog', { name: 'Send Dummy' });
};
const focused = () => page.locator(':enabled:focus');
const act = async (url: string, name: string) => {
  await row(url).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name }).click();
};

it('lists webhooks with what the help page names', async () => {
  await row('/first').waitFor();
  const headings = await page.getByRole('columnheader').allInnerTexts();
  for (const name of ['ID', 'URL', 'Event type', 'Signing key', 'Status', 'Actions'])
    expect(headings.join()).toContain(name);
  const text = await row('/first').innerText();
  for (const part of ['whk_', 'Order Create', 'Order system', 'Active']) expect(text).toContain(part);
});

it('adds a webhook with the keyboard alone, once its URL is one that may be sent to', async () => {
  const add = page.getByRole('button', { name: 'Add Webhook' });
  await add.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('URL').waitFor();
  await page.getByLabel('URL').press('End');
  await page.keyboard.type('http://10.0.0.1/orders');
  await page.getByText('inside a private network').waitFor();
  await page.getByRole('button', { name: 'Save' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('alert').first().waitFor();
  await page.locator('[type="url"][aria-invalid="true"]:focus').waitFor();
  await page.getByLabel('URL').fill(`${receiver.url}/${'second'.repeat(400)}`);
  await page.getByLabel('URL').press('Enter');
  await page.getByRole('dialog').getByText('it may have 2,048 at most').waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await page.getByLabel('URL').fill(`${receiver.url}/first`);
  await page.getByText('would get each of them twice').waitFor();
  await page.getByLabel('URL').fill(`${receiver.url}/second`);
  await page.getByText('would get each of them twice').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Sample payload' }).press('Enter');
  await page.getByRole('region', { name: 'Sample of Order Create' }).waitFor();
  await page.getByLabel('URL').press('Enter');
  await row('/second').waitFor();
  await page.locator(':focus', { hasText: 'Add Webhook' }).waitFor();
});

it('makes one webhook, however often somebody saves while the dialog goes away, which looks as before meanwhile', async () => {
  const moving = await dashboard.openAs(dashboard.operator.email, PATH, 'light', { reducedMotion: 'no-preference' });
  await moving.getByRole('button', { name: 'Add Webhook' }).click();
  await moving.getByLabel('URL').fill(`${receiver.url}/once`);
  // What is inert takes no click of a person's.
  const save = '[role=dialog] [type=submit]:not([inert] *)';
  await moving.evaluate(`setInterval(() => document.querySelector('${save}')?.click(), 5)`);
  await moving.getByRole('row').filter({ hasText: '/once' }).first().waitFor();
  await moving.getByRole('dialog').waitFor({ state: 'detached' });
  const webhooks = await dashboard.system.api.operator.get<{ data: { url: string }[] }>(WEBHOOKS);
  expect(webhooks.body.data.filter(({ url }) => url.endsWith('/once'))).toHaveLength(1);

  await moving.reload();
  await moving.getByRole('button', { name: `Edit ${receiver.url}/once` }).click();
  await moving.getByRole('dialog').getByLabel('URL').waitFor();
  await moving.evaluate(`(() => {
    globalThis.looks = new Set();
    const look = () => [...document.querySelectorAll('[role=dialog]')].map(({ innerText }) => looks.add(innerText));
    new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
    look();
  })()`);
  await moving.keyboard.press('Escape');
  await moving.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await moving.evaluate('[...looks]')).toEqual([expect.stringMatching(/^Edit Webhook\n[^]*Save$/)]);
  await moving.context().close();
});

it('leaves the dialog alone that is open when the save of another one ends, and says so when it was refused', async () => {
  const { url } = receiver;
  const saving = await holdBack(page, `**${WEBHOOKS}`);
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  await page.getByLabel('URL').fill(`${url}/late`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.keyboard.press('Escape');
  await row('/first').getByRole('button', { name: 'Send Dummy' }).click();
  await page.getByRole('dialog', { name: 'Send Dummy' }).waitFor();
  saving.goOn();
  await page.getByText(`${url}/late hears of the next event.`).waitFor();
  await row('/late').waitFor();
  expect(await page.getByRole('dialog', { name: 'Send Dummy' }).count()).toBe(1);
  await page.keyboard.press('Escape');

  const refused = await holdBack(page, `**${WEBHOOKS}`);
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  await page.getByLabel('URL').fill('http://10.0.0.1/late');
  await page.getByRole('button', { name: 'Save' }).click();
  await refused.asked;
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  refused.goOn();
  await page.getByRole('alert').getByText('You left something before it was done').waitFor();
});

it('sends a dummy with one click, once, and shows both sides of it, as text', async () => {
  const before = receiver.requests.length;
  const dialog = await sendDummy('/first');
  const terminal = dialog.getByRole('region', { name: 'Terminal' });
  await terminal.getByText('it would count as delivered').waitFor();
  const text = await terminal.innerText();
  const sent = receiver.requests.at(-1);
  for (const part of [
    `webhook-id: ${sent?.headers['webhook-id']?.toString() ?? '-'}`,
    `webhook-signature: ${sent?.headers['webhook-signature']?.toString() ?? '-'}`,
    sent?.body ?? '-',
    'Status code 200',
    'Response body',
    'x-note: <b>bold</b>',
    '␛[31mred <img src=x onerror=alert(1)>',
    'First byte',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain('Error');
  expect(text.indexOf('Response body')).toBeLessThan(text.indexOf('Request'));
  expect(await terminal.locator('img').count()).toBe(0);
  expect(receiver.requests).toHaveLength(before + 1);
  await page.locator('[role="region"]:focus').waitFor();
  await dialog.getByRole('button', { name: 'Copy as cURL' }).click();
  await dialog.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await clipboardText(page)).toContain(`curl -i -X POST '${receiver.url}/first'`);
});

it('sends the payload exactly as it was edited', async () => {
  const payload = '{"total": 10.00, "id": 9007199254740993}';
  const dialog = await sendDummy('/first');
  await dialog.getByText('it would count as delivered').waitFor();
  await dialog.getByRole('button', { name: 'Edit payload' }).click();
  await dialog.getByLabel('Payload').fill('{"total":');
  await dialog.getByRole('button', { name: 'Send Dummy' }).press('Enter');
  await dialog.getByLabel('Payload').and(focused()).fill(payload);
  await dialog.getByRole('button', { name: 'Send Dummy' }).press('Enter');
  await receiver.received(1, ({ body }) => body.includes(payload));
  await dialog.getByText('it would count as delivered').waitFor();
  await dialog.getByRole('button', { name: 'Send Dummy' }).and(focused()).waitFor();
});

it('tells in plain words why a dummy did not arrive, with a hint, and stays open at the second half of a double click', async () => {
  await dashboard.system.createWebhook('demo', 'http://127.0.0.1:9/nobody');
  await page.reload();
  const terminal = (await sendDummy('/nobody')).getByRole('region', { name: 'Terminal' });
  await terminal.waitFor();
  await page.mouse.click(5, 5);
  await terminal.getByText('Error connection_refused').waitFor();
  await terminal.getByText('was refused').waitFor();
  await terminal.getByText('Check that the receiver is running').waitFor();
});

it('disables a webhook, enables it, and has sent what it missed once, from a minute before on', async () => {
  const url = `${receiver.url}/failing`;
  const { id } = await dashboard.system.createWebhook('demo', url);
  await page.reload();
  await act('/failing', 'Disable');
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await row('/failing').getByText('Disabled', { exact: true }).waitFor();
  const { api } = dashboard.system;
  const { disabledAt } = (await api.operator.get<{ disabledAt: string }>(`${WEBHOOKS}/${id}`)).body;
  await act('/failing', 'Enable');
  expect(await page.getByRole('checkbox', { name: 'Recover what was missed' }).isChecked()).toBe(true);
  const asked = page.waitForRequest(`**${WEBHOOKS}/${id}/recover`);
  await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).dblclick();
  await row('/failing').getByText('Active', { exact: true }).waitFor();
  const { since } = (await asked).postDataJSON() as { since: string };
  expect(Date.parse(disabledAt) - Date.parse(since)).toBe(60_000);
  const recoveries = await api.operator.get<{ data: unknown[] }>('/api/v1/stores/demo/recoveries');
  expect(recoveries.body.data).toHaveLength(1);
});

it('closes at a click at the very edge of a button, and finds no fault with a URL that nobody wants to save yet', async () => {
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  await page.locator('[type="url"]:focus').waitFor();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Cancel' })
    .click({ position: { x: 20, y: 2 } });
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it('gives the focus back to the menu from which a dialog was opened', async () => {
  await act('/first', 'Disable');
  await page.getByRole('dialog', { name: 'Disable this webhook?' }).getByRole('button', { name: 'Cancel' }).click();
  await page.locator(':focus[aria-label^="More actions for"]').waitFor();
});

it('shows which event types are picked in the list of all', async () => {
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  await page.getByRole('combobox', { name: 'Event type' }).click();
  const picked = page.getByRole('option', { name: 'Order Create', selected: true });
  await picked.locator('svg').waitFor();
  expect(await page.getByRole('option', { name: 'Order Update' }).locator('svg').count()).toBe(0);
});

it('changes a webhook, and deletes it after a question, once at a double click', async () => {
  const url = `${receiver.url}/third`;
  await dashboard.system.createWebhook('demo', url);
  await page.reload();
  await page.getByRole('button', { name: `Edit ${url}` }).click();
  await page.getByLabel('Description').fill('Third of all');
  await page.getByRole('button', { name: 'Save' }).click();
  await row('/third').getByText('Third of all').waitFor();
  await page.getByRole('button', { name: `Delete ${url}` }).click();
  let deletions = 0;
  page.on('request', (request) => (deletions += request.method() === 'DELETE' ? 1 : 0));
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).dblclick();
  await row('/third').waitFor({ state: 'detached' });
  await page.locator(':focus', { hasText: 'Add Webhook' }).waitFor();
  expect(deletions).toBe(1);
});

it('finds a webhook that is paused by that word, and ends each line of its card where the others end', async () => {
  const openUntil = new Date(Date.now() + 3_600_000).toISOString();
  await page.route(`**${WEBHOOKS}?*`, async (route) => {
    const response = await route.fetch();
    const { data } = (await response.json()) as { data: { url: string; health: object }[] };
    const changed = data.map((each) =>
      each.url.endsWith('/first') ? { ...each, health: { ...each.health, openUntil } } : each,
    );
    await route.fulfill({ response, json: { data: changed, nextCursor: null } });
  });
  await page.setViewportSize(PHONE);
  await page.reload();
  await page.getByRole('searchbox').fill('paused');
  const paused = row('/first').getByText('Paused');
  await paused.waitFor();
  const rightEnds = await Promise.all(
    [paused.locator('..'), page.getByText('0 failures in a row')].map((line) =>
      line.evaluate((element: { getBoundingClientRect(): { right: number } }) => element.getBoundingClientRect().right),
    ),
  );
  expect(rightEnds[0]).toBeCloseTo(rightEnds[1]!, 0);
});

it('leaves every button within reach, however narrow the window is and however long the name of its key', async () => {
  const { api } = dashboard.system;
  const { id } = await dashboard.system.createApiKey('demo');
  await api.operator.patch(`/api/v1/stores/demo/api-keys/${id}`, { description: 'n'.repeat(400) });
  const url = `${receiver.url}/${'long'.repeat(500)}`;
  await dashboard.system.createWebhook('demo', url, { apiKeyId: id, description: 'd'.repeat(400) });
  await page.reload();
  await row('nnn').waitFor();
  expect(await clippedInNarrowWindows(page)).toEqual([]);
  await page.getByRole('button', { name: `More actions for ${url}` }).click();
  await page.getByRole('menuitem', { name: 'Disable' }).waitFor();
  await page.setViewportSize({ width: 320, height: 568 });
  const isCut = '(label) => label.scrollWidth > label.clientWidth';
  expect(await page.evaluate(`[...document.querySelectorAll('button span')].some(${isCut})`)).toBe(false);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Delete ${url}` }).click();
  const { y = NaN } = (await page.getByRole('button', { name: 'Delete', exact: true }).boundingBox()) ?? {};
  expect(y).toBeLessThan(568);
});

it('changes only what was changed: what somebody else changed meanwhile stays', async () => {
  const url = `${receiver.url}/shared`;
  const { id } = await dashboard.system.createWebhook('demo', url);
  await page.reload();
  await page.getByRole('button', { name: `Edit ${url}` }).click();
  await dashboard.system.api.operator.patch(`${WEBHOOKS}/${id}`, { events: ['order.cancel'], rateLimit: 7 });
  await page.getByLabel('Description').fill('Shared by two');
  await page.getByRole('button', { name: 'Save' }).click();
  await row('Shared by two').getByText('Order Cancel').waitFor();
  const { body } = await dashboard.system.api.operator.get<{ rateLimit: number }>(`${WEBHOOKS}/${id}`);
  expect(body.rateLimit).toBe(7);
});

it('makes a webhook once whose making was not answered, though it is saved again, and has it in the list behind', async () => {
  await page.route(`**${WEBHOOKS}`, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  await page.getByLabel('URL').fill(`${receiver.url}/unheard`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('it is not made twice').waitFor();
  await row('/unheard').waitFor();
  await page.unroute(`**${WEBHOOKS}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('/unheard hears of the next event.').waitFor();
  expect(await row('/unheard').count()).toBe(1);
});

it('takes from the list what somebody else deleted, whether it was to be changed or deleted', async () => {
  const { operator } = dashboard.system.api;
  const urls = ['changed', 'deleted'].map((name) => `${receiver.url}/gone-when-${name}`);
  const ids: string[] = [];
  for (const url of urls) ids.push((await dashboard.system.createWebhook('demo', url)).id);
  await page.reload();
  await page.getByRole('button', { name: `Edit ${urls[0]}` }).click();
  await operator.delete(`${WEBHOOKS}/${ids[0]}`);
  await page.getByLabel('Description').fill('Too late');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('may have been deleted meanwhile').waitFor();
  await row('/gone-when-changed').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Delete ${urls[1]}` }).click();
  await operator.delete(`${WEBHOOKS}/${ids[1]}`);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row('/gone-when-deleted').waitFor({ state: 'detached' });
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it('keeps the list on the page, with a notice above it, while it cannot be read anew', async () => {
  await page.clock.install();
  await page.reload();
  await row('/first').waitFor();
  await page.route(`**${WEBHOOKS}?*`, (route) => route.fulfill({ status: 500, body: '' }));
  await page.clock.fastForward(31_000);
  await page.getByRole('alert').waitFor();
  expect(await row('/first').count()).toBe(1);
});

it('says that nothing can be signed where a store has no key that is activated, and what it could not read', async () => {
  await dashboard.system.createStore('keyless');
  await page.route('**/api/v1/event-types', (route) => route.fulfill({ status: 500, body: '' }));
  await page.goto('/store/keyless/settings/webhooks');
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('add a key, or activate one, under Settings → API').waitFor();
  await dialog.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
  await page.unroute('**/api/v1/event-types');
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await dialog.getByRole('combobox', { name: 'Event type' }).waitFor();
});

it('has one button to add the first webhook, and puts the focus on the one that stays', async () => {
  await dashboard.system.createStore('empty');
  await dashboard.system.createApiKey('empty');
  await page.goto('/store/empty/settings/webhooks');
  await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor();
  expect(await page.getByRole('button', { name: 'Add Webhook' }).count()).toBe(1);
  await page.getByRole('button', { name: 'Add Webhook' }).click();
  await page.getByLabel('URL').fill(`${receiver.url}/only`);
  await page.getByRole('button', { name: 'Save' }).click();
  await row('/only').waitFor();
  await page.locator(':focus', { hasText: 'Add Webhook' }).waitFor();
});
