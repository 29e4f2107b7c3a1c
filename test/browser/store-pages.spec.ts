import type { Page } from 'playwright-core';
import {
  accessibilityProblems,
  clipboardText,
  clippedTables,
  TestDashboard,
  widerThanWindow,
} from '../support/dashboard';
import { addMember } from '../support/people';
import { TestReceiver } from '../support/test-receiver';
import type { NewApiKey, TestSystem } from '../support/test-system';

// Many steps to a test, and each waits for the whole of Signpost.
jest.setTimeout(180_000);

let system: TestSystem;
let receiver: TestReceiver;
let dashboard: TestDashboard;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  dashboard = await TestDashboard.start();
  ({ system } = dashboard);
  receiver = await TestReceiver.start();
  await system.createStore('acme');
  page = await dashboard.openAs(dashboard.operator.email, '/');
  page.setDefaultTimeout(60_000);
  page.on('pageerror', ({ message }) => errors.push(message));
}, 300_000);
afterAll(async () => {
  await dashboard.stop();
  await receiver.close();
});

describe('the first steps', () => {
  it('lead from a new store to its first delivered event', async () => {
    await page.goto('/stores');
    await page.getByRole('button', { name: 'Create a store' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Globex');
    await page.getByRole('textbox', { name: 'Key' }).fill('globex');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.waitForURL(/\/store\/globex/);
    await page.getByText('0 of 5 done').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    await system.createApiKey('globex');
    await page.getByText('1 of 5 done').waitFor();
    await system.createWebhook('globex', `${receiver.url}/first`);
    await page.getByRole('button', { name: 'Send Dummy' }).click();
    await page.getByText('3 of 5 done').waitFor();

    await page.getByRole('button', { name: 'Copy command with key and secret' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const command = await clipboardText(page);
    expect(await run(command)).toBe(202);
    await page.getByText('Your first delivered event').waitFor({ state: 'detached' });
    expect(receiver.requests.filter(({ path }) => path === '/first')).toHaveLength(2);
  });
});

it('says at each field of a new store, and of an invitation, what is wrong with it', async () => {
  await page.goto('/stores');
  await page.getByRole('button', { name: 'Create a store' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('n'.repeat(300));
  await page.getByRole('textbox', { name: 'Key' }).fill('k'.repeat(100));
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('alert').waitFor();
  const wrong = page.getByRole('dialog').locator('input[aria-invalid="true"]');
  expect(await wrong.count()).toBe(2);

  await page.goto('/store/acme/settings/members');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByRole('textbox', { name: 'Email' }).fill('somebody@nowhere');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByRole('alert').waitFor();
  expect(await wrong.count()).toBe(1);
});

it('keeps names within the window, however long and without a space they are', async () => {
  const name = 'N'.repeat(200);
  await system.api.operator.post('/api/v1/stores', { key: 'k'.repeat(63), name });
  const path = `/store/${'k'.repeat(63)}`;
  const { email } = await addMember(system.api, 'k'.repeat(63), 'viewer');
  await system.api.sql('UPDATE people SET name = $1 WHERE email = $2', [name, email]);
  await page.goto(`${path}/settings/members`);
  await page.getByRole('cell').getByText(name).waitFor();
  const switcher = page.getByRole('button', { name: `Store: ${name}` });
  const [text, frame] = await Promise.all([switcher.getByText(name).boundingBox(), switcher.boundingBox()]);
  expect(text!.x + text!.width).toBeLessThan(frame!.x + frame!.width);
  for (const shown of [`${path}/settings/members`, path, '/stores', '/audit-log', '/']) {
    await page.goto(shown);
    await page.getByText(name).locator('visible=true').last().waitFor();
    expect(await widerThanWindow(page)).toBe(0);
    expect(await clippedTables(page)).toEqual([]);
  }
});

/** Makes the request of a curl command, as curl would. @returns the status */
async function run(command: string): Promise<number> {
  const argument = (before: string) => {
    const quoted = new RegExp(`${before} '((?:[^']|'\\\\'')*)'`).exec(command)?.[1] ?? '';
    return quoted.replaceAll(`'\\''`, `'`);
  };
  const authorization = `Basic ${Buffer.from(argument('-u')).toString('base64')}`;
  const headers = { 'content-type': 'application/json', authorization };
  return (await fetch(argument('^curl'), { method: 'POST', headers, body: argument('-d') })).status;
}

describe('the page of the signature', () => {
  let apiKey: NewApiKey;
  let headers: string;
  let body: string;
  const sent: string[] = [];

  beforeAll(async () => {
    apiKey = await system.createApiKey('acme');
    const webhook = await system.createWebhook('acme', `${receiver.url}/signed`);
    await system.publish(system.api.as(apiKey), 'acme', '{"id":1,"total":10.00}');
    const [request] = await receiver.received(1, ({ path }) => path === '/signed');
    headers = Object.entries(request!.headers)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join('\n');
    body = request!.body;
    page.on('request', (made) => sent.push(`${made.url()} ${made.postData() ?? ''}`));
    await page.goto(`/store/acme/settings/webhooks/${webhook.id}/signature`);
  });

  async function check(message: { headers: string; body: string; secret: string }): Promise<void> {
    await page.getByRole('textbox', { name: 'Headers' }).fill(message.headers);
    await page.getByRole('textbox', { name: 'Body' }).fill(message.body);
    await page.getByRole('textbox', { name: 'Secret' }).fill(message.secret);
    await page.getByRole('button', { name: 'Check' }).click();
  }

  it('shows how to verify in each language, with a name for the secret of this webhook', async () => {
    for (const language of ['Node', 'Python', 'Go', 'PHP', 'Ruby', 'Java']) {
      await page.getByRole('tab', { name: language }).click();
      await page
        .getByRole('region', { name: `sample for ${language}` })
        .getByText('SIGNPOST_SECRET_WHK_')
        .waitFor();
    }
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('says of a request what is wrong with it', async () => {
    await check({ headers, body, secret: apiKey.secret });
    await page.getByText('It verifies', { exact: true }).waitFor();
    await check({ headers, body: JSON.stringify(JSON.parse(body)), secret: apiKey.secret });
    await page.getByText('The body is not what was sent').waitFor();
    await check({ headers, body, secret: `whsec_${Buffer.alloc(32).toString('base64')}` });
    await page.getByText('The secret is another one').waitFor();
    await check({ headers: headers.replace(/webhook-timestamp: .*/, ''), body, secret: apiKey.secret });
    await page.getByText('Missing: webhook-timestamp').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('keeps the secret in the browser', () => {
    const secret = apiKey.secret.slice('whsec_'.length);
    expect(sent.filter((text) => text.includes(secret) || text.includes(encodeURIComponent(secret)))).toEqual([]);
  });
});

describe('the event catalogue', () => {
  it('shows schema and sample of each type, and finds them', async () => {
    await page.goto('/store/acme/event-types');
    await page.getByRole('searchbox', { name: 'Search event types' }).fill('customer.create');
    await page.getByRole('button', { name: /customer\.create/ }).click();
    await page.getByRole('region', { name: 'Schema' }).getByText('"type": "object"').first().waitFor();
    await page.getByRole('region', { name: 'Sample' }).waitFor();
    expect(await page.getByRole('button', { name: /order\.create/ }).count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});

describe('the audit log', () => {
  it('is narrowed in the address, and downloaded as it is narrowed', async () => {
    await page.goto('/store/acme/audit-log');
    await page.getByRole('combobox', { name: 'Action' }).click();
    await page.getByRole('option', { name: 'Webhook created' }).click();
    await page.waitForURL(/action=webhook\.created/);
    const table = page.getByRole('table', { name: 'Audit log' });
    await table.getByText('API key created').waitFor({ state: 'detached' });
    await table.getByText('Show', { exact: true }).click();
    await page.getByText(`${receiver.url}/signed`).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Export' }).click();
    const href = await page.getByRole('menuitem', { name: 'As CSV' }).getAttribute('href');
    const { status, text } = await system.api.operator.get(href ?? '');
    expect(status).toBe(200);
    expect(text.trim().split('\r\n')).toHaveLength(2);
  });

  it('takes a span of time that is typed with the keyboard', async () => {
    await page.goto('/store/acme/audit-log');
    await page.getByRole('combobox', { name: 'Time' }).click();
    await page.getByRole('option', { name: 'Between…' }).click();
    await page.getByLabel('From').focus();
    await page.keyboard.type('020320251205PM');
    await page.keyboard.press('Enter');
    await page.waitForURL(/since=2025-02-03T/);
    expect(await page.getByLabel('From').inputValue()).toBe('2025-02-03T12:05');
  });

  it('stays on the page, with a notice above it, while it cannot be read anew', async () => {
    await page.goto('/store/acme/audit-log');
    const entries = page.getByRole('table', { name: 'Audit log' }).getByText('Store created');
    await entries.first().waitFor();
    await page.route('**/audit-log?*', (route) => route.fulfill({ status: 500, body: '' }));
    // As when somebody comes back to it from another window.
    await page.clock.install({ time: Date.now() + 60_000 });
    await page.evaluate('dispatchEvent(new Event("visibilitychange"))');
    await page.getByRole('alert').waitFor();
    expect(await entries.count()).toBeGreaterThan(0);
    await page.unroute('**/audit-log?*');
  });
});

describe('the stores, for whoever runs Signpost', () => {
  it('are deleted once their key is typed: access ends at once, and the audit log of all keeps what was done', async () => {
    await system.createStore('initech');
    const apiKey = await system.createApiKey('initech');
    await page.goto('/stores');
    const other = await dashboard.openAs(dashboard.operator.email, '/store/initech/settings/api');
    await other.getByRole('row').nth(1).waitFor();
    await page.getByRole('button', { name: 'Delete initech' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete this store?' });
    await dialog.getByRole('textbox').fill('initec');
    expect(await dialog.getByRole('button', { name: 'Delete store' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(' initech');
    await dialog.getByRole('button', { name: 'Delete store' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('table', { name: 'Stores' }).getByText('initech').first().waitFor({ state: 'detached' });
    expect((await system.api.as(apiKey).get('/api/v1/stores/initech/events')).status).toBe(401);

    await other.getByRole('link', { name: 'Webhooks' }).click();
    await other.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await other.context().close();
    await page.goto('/store/initech/settings/api');
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await page.goto('/stores');
    await page.getByRole('link', { name: 'Audit log of all' }).click();
    await page.getByRole('combobox', { name: 'Action' }).click();
    await page.getByRole('option', { name: 'Store deleted' }).click();
    await page.waitForURL(/\/audit-log\?action=store\.deleted/);
    const table = page.getByRole('table', { name: 'Audit log' });
    await table.getByText('Store created').waitFor({ state: 'detached' });
    await table.getByText('Store deleted').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const href = await page.getByRole('menuitem', { name: 'As JSON lines' }).getAttribute('href');
    expect(href).toMatch(/^\/api\/v1\/audit-log\/export\?/);
    const { text } = await system.api.operator.get(href ?? '');
    expect(text.trim().split('\n')).toHaveLength(1);
  });
});

describe('the system', () => {
  it('shows whoever runs Signpost what waits, and who works on it', async () => {
    await page.goto('/system');
    await page.getByText('PostgreSQL answers').waitFor();
    await page.getByRole('table', { name: 'Workers' }).getByText('Alive').waitFor();
    expect(await page.getByRole('table', { name: 'Queues' }).getByRole('row').count()).toBeGreaterThan(1);
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});

it('runs into no error on any of these pages', () => {
  expect(errors).toEqual([]);
});
