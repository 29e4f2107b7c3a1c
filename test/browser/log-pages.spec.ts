import type { Page } from 'playwright-core';
import { accessibilityProblems, clipboardText, TestDashboard } from '../support/dashboard';
import { type LogPlace, LogRows } from '../support/log-rows';
import { answerWith, TestReceiver } from '../support/test-receiver';
import type { NewApiKey, TestSystem } from '../support/test-system';

/** Looks like what would run, or colour, were it anything but text. */
const HOSTILE = '\u001b[31mred\u001b[0m <img src=x onerror="document.title=\'owned\'">';

// Many steps to a test, and each waits for the whole of Signpost.
jest.setTimeout(180_000);

let system: TestSystem;
let receiver: TestReceiver;
let dashboard: TestDashboard;
let apiKey: NewApiKey;
let webhookId: string;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  dashboard = await TestDashboard.start();
  ({ system } = dashboard);
  receiver = await TestReceiver.start(answerWith(500, { 'x-answer': HOSTILE.slice(9) }, HOSTILE));
  await system.createStore('acme');
  apiKey = await system.createApiKey('acme');
  ({ id: webhookId } = await system.createWebhook('acme', `${receiver.url}/hook`));
  page = await dashboard.openAs(dashboard.operator.email, '/');
  page.setDefaultTimeout(60_000);
  page.on('pageerror', ({ message }) => errors.push(message));
}, 300_000);
afterAll(async () => {
  await dashboard.stop();
  await receiver.close();
});

function publish(data: string): Promise<{ id: string }> {
  return system.publish(system.api.as(apiKey), 'acme', data);
}

/** Publishes an event whose first attempt fails. @returns the id of its delivery */
async function publishInVain(data: string): Promise<string> {
  const { id } = await publish(data);
  const [delivery] = await system.settled('acme', id, ({ status, nextAttemptAt }) => {
    return status === 'retrying' && nextAttemptAt !== null;
  });
  return delivery!.id;
}

interface Answer {
  readonly data: readonly { readonly health: object }[];
}

/** Lets the page read something else than the API answered. */
async function changeAnswers(url: string, changed: (answer: Answer) => object): Promise<void> {
  await page.route(url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: changed((await response.json()) as Answer) });
  });
}

function width(of: Page): Promise<number> {
  return of.evaluate('document.documentElement.scrollWidth');
}

function rows() {
  return page.getByRole('table', { name: 'Deliveries' }).getByRole('link');
}

describe('the drawer of a delivery', () => {
  it('shows at its own address what was sent and answered, as text alone', async () => {
    const id = await publishInVain('{"id":9223372036854775807,"total":10.00}');
    await page.goto(`/store/acme/deliveries/${id}`);
    const drawer = page.getByRole('dialog', { name: 'order.create' });
    await drawer.getByText(/^The endpoint answered 500 .*\. Look at the response body/).waitFor();
    expect(await drawer.getByRole('region', { name: 'Request body' }).innerText()).toContain('9223372036854775807');
    expect(await drawer.getByRole('region', { name: 'Request body' }).innerText()).toContain('10.00');
    expect(await drawer.getByRole('region', { name: 'Response body' }).innerText()).toContain('<img src=x');
    expect(await drawer.getByRole('region', { name: 'Response body' }).innerText()).toContain('␛[31mred');
    expect(await page.title()).not.toBe('owned');
    expect(await drawer.getByRole('timer').first().innerText()).toMatch(/^in (1 h|\d+ min)/);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('copies a command that makes the same request', async () => {
    await page.getByRole('button', { name: 'Copy as cURL' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const command = await clipboardText(page);
    expect(command).toContain(`'${receiver.url}/hook'`);
    expect(command).toContain(`-H 'webhook-id: evt_`);
    expect(command).toContain('9223372036854775807');
  });

  it('makes another attempt, and shows it', async () => {
    receiver.answerWith(answerWith(200));
    await page.getByRole('button', { name: 'Retry now' }).click();
    await page.getByRole('dialog').getByText('Delivered', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: /Attempt 2/ }).waitFor();
  });

  it('says of one that is due, while its webhook is paused, that it waits', async () => {
    const drawer = page.url();
    const [due, later] = [new Date(0).toISOString(), new Date(Date.now() + 3_600_000).toISOString()];
    await changeAnswers('**/api/v1/stores/acme/deliveries/dlv_*', (answer) => ({
      ...answer,
      status: 'retrying',
      nextAttemptAt: due,
    }));
    await page.goto(drawer);
    await page.getByRole('timer').filter({ hasText: 'now' }).first().waitFor();
    await changeAnswers('**/api/v1/stores/acme/webhooks?*', ({ data: [webhook] }) => ({
      data: [{ ...webhook!, health: { ...webhook!.health, openUntil: later } }],
      nextCursor: null,
    }));
    await page.reload();
    await page.getByRole('timer').filter({ hasText: 'after the pause' }).first().waitFor();
    await page.unrouteAll();
    await page.reload();
  });

  it('offers no other attempt of a test, which is sent once', async () => {
    const [place] = await system.api.sql<LogPlace>('SELECT store_id AS "storeId", id AS "webhookId" FROM webhooks');
    const log = new LogRows(system.api, place!);
    const columns = { status: 'failed', trigger: 'test', attempts_made: 0, last_attempt_at: new Date() };
    const id = await log.delivery(await log.event({ test: true }), columns);
    const list = page.url();
    await page.goto(`/store/acme/deliveries/${id}`);
    await page.getByRole('dialog').getByText('Failed', { exact: true }).first().waitFor();
    expect(await page.getByRole('dialog').getByRole('button', { name: /Retry/ }).count()).toBe(0);
    // It counts none of the schedule's attempts: a 0 would read as if nothing had been sent.
    const row = page.locator('tr').filter({ has: page.locator(`[data-opens="${id}"]`) });
    expect((await row.locator('td, th').allInnerTexts())[4]).toMatch(/1$/);
    await page.goto(list);
    await page.getByRole('dialog').waitFor();
  });

  it('is closed with the keyboard: the list is as it is now, the focus where one was, and Back leads elsewhere', async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('table', { name: 'Deliveries' }).getByText('Delivered', { exact: true }).waitFor();
    await rows().first().press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('[data-opens]:focus').waitFor();
    await page.goBack();
    await rows().first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

describe('the deliveries', () => {
  it('keep their filters in the address, and let go of one that makes no sense', async () => {
    receiver.answerWith(answerWith(503));
    await publishInVain('{"id":2}');
    await page.goto('/store/acme/deliveries?eventId=nonsense');
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await rows().nth(1).waitFor();
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'Retrying' }).click();
    await page.getByRole('textbox', { name: 'Status code' }).fill('503');
    await page.keyboard.press('Enter');
    await page.waitForURL(/statusCode=503/);
    await page.reload();
    await rows().first().waitFor();
    expect(await rows().count()).toBe(1);
    expect(await page.getByRole('textbox', { name: 'Status code' }).inputValue()).toBe('503');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('show what happens while it happens, until they are paused', async () => {
    await page.goto('/store/acme/deliveries');
    await page.getByRole('button', { name: 'Watch live' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    const before = await rows().count();
    await publish('{"id":3}');
    await rows().nth(before).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Live', { exact: true }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.has('live')).toBe(false);
  });

  it('are watched live again, once Signpost takes watchers that it refused', async () => {
    await page.route('**/deliveries/stream?*', (route) => route.fulfill({ status: 503, body: '' }), { times: 1 });
    await page.goto('/store/acme/deliveries?live=true');
    await page.getByText('Connecting…').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('show live what becomes of an old delivery without an attempt', async () => {
    const [place] = await system.api.sql<LogPlace>('SELECT store_id AS "storeId", id AS "webhookId" FROM webhooks');
    const id = await new LogRows(system.api, place!).delivery(
      (await publish('{"id":6}')).id,
      { status: 'failed', event_type: 'order.update' },
      Date.now() - 600_000,
    );
    await page.goto('/store/acme/deliveries?eventType=order.update&live=true');
    await page.getByText('Live', { exact: true }).waitFor();
    const status = page.getByRole('row').filter({ has: page.locator(`[data-opens="${id}"]`) });
    await status.getByText('Failed', { exact: true }).waitFor();
    await system.api.sql(`UPDATE deliveries SET status = 'canceled' WHERE event_type = 'order.update'`);
    await status.getByText('Canceled', { exact: true }).waitFor();
  });

  it('are read page by page, one at a time, with the keyboard too', async () => {
    receiver.answerWith(answerWith(200));
    const events = Array.from({ length: 60 }, (_, id) => ({ type: 'order.create', data: { id } }));
    const batch = '/api/v1/stores/acme/events/batch';
    const { body } = await system.api.as(apiKey).post<{ data: { id: string }[] }>(batch, { events });
    await system.settled('acme', body.data.at(-1)!.id);
    await page.goto('/store/acme/deliveries');
    const pages = page.getByRole('navigation', { name: 'Pages' });
    const older = pages.getByRole('button', { name: 'Older' });
    await pages.getByText('Page 1').waitFor();
    expect(await rows().count()).toBe(50);
    const newest = await rows().first().getAttribute('href');

    await older.focus();
    await page.keyboard.press('Enter');
    await pages.getByText('Page 2').waitFor();
    // The page before is shown until this one, which is not full, has come.
    await rows().nth(49).waitFor({ state: 'detached' });
    await page.locator('button:focus[aria-disabled="true"]').waitFor();
    expect(await rows().first().getAttribute('href')).not.toBe(newest);
    expect(await accessibilityProblems(page)).toEqual([]);

    // Back leads to the page that was left, not to the newest.
    await rows().first().press('Enter');
    await page.getByRole('dialog').getByRole('link', { name: 'Show the event' }).click();
    await page.waitForURL(/\/events\/evt_/);
    await page.goBack();
    await page.getByRole('dialog', { name: 'order.create' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await pages.getByText('Page 2').waitFor();

    await pages.getByRole('button', { name: 'Newer' }).click();
    await pages.getByText('Page 1').waitFor();
    expect(await rows().first().getAttribute('href')).toBe(newest);
  });

  it('are sent again, all that match, and tell of it to whoever comes back', async () => {
    const failed = `/api/v1/stores/acme/webhooks/${webhookId}`;
    receiver.answerWith(answerWith(500));
    const { id } = await publish('{"id":4}');
    await system.settled('acme', id, ({ status, nextAttemptAt }) => status === 'retrying' && nextAttemptAt !== null);
    // What waits for its webhook is canceled when the webhook is disabled, and may be asked for again.
    await system.api.operator.patch(failed, { enabled: false });
    await system.settled('acme', id, ({ status }) => status === 'canceled');
    await system.api.operator.patch(failed, { enabled: true });
    receiver.answerWith(answerWith(200));
    await page.goto('/store/acme/deliveries?recent=24h');
    await rows().first().waitFor();
    await page.getByRole('button', { name: 'Retry all matching' }).click();
    await page.getByRole('button', { name: /^Retry all \d+$/ }).click();
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByRole('heading', { name: 'Events' }).waitFor();
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByText(/deliver(y was|ies were) sent again/).waitFor();
  });

  it('search a large log, say when they have not come to its end, and go on', async () => {
    const [place] = await system.api.sql<LogPlace>('SELECT store_id AS "storeId", id AS "webhookId" FROM webhooks');
    const rowsOfLog = new LogRows(system.api, place!);
    await rowsOfLog.failures(3_000, Date.now() - 11_000);
    await page.goto('/store/acme/deliveries?eventType=product.update');
    await page.getByText('Nothing matches.').waitFor();
    expect(await page.getByText('The search has not come to the end of the log yet.').count()).toBe(0);
    await rowsOfLog.failures(4_000, Date.now() - 22_000);
    await page.reload();
    await page.getByText('The search has not come to the end of the log yet.').waitFor();
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('Page 2').waitFor();
    await page.getByText('The search has not come to the end of the log yet.').waitFor({ state: 'detached' });
    await page.getByText('Nothing matches.').waitFor();
  });
});

describe('the events', () => {
  it('show the payload as it was published, and each delivery', async () => {
    const { id } = await publish('{"id":1e2,"total":10.00}');
    await system.settled('acme', id);
    await page.goto('/store/acme/events');
    await page.getByRole('table', { name: 'Events' }).getByRole('link').first().click();
    const drawer = page.getByRole('dialog', { name: 'order.create' });
    expect(await drawer.getByRole('region', { name: 'Data' }).innerText()).toContain('"id": 1e2');
    expect(await accessibilityProblems(page)).toEqual([]);
    await drawer.getByRole('table').getByRole('link').click();
    await page.waitForURL(/\/deliveries\/dlv_/);
  });

  it('stay on the page, with a notice above them, while they cannot be read anew', async () => {
    await page.goto('/store/acme/events');
    const links = page.getByRole('table', { name: 'Events' }).getByRole('link');
    await links.first().waitFor();
    await page.route('**/api/v1/stores/acme/events?*', (route) => route.fulfill({ status: 500, body: '' }));
    await page.getByRole('alert').waitFor();
    expect(await links.count()).toBeGreaterThan(0);
    await page.unroute('**/api/v1/stores/acme/events?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('show what becomes of a delivery while one looks at it', async () => {
    receiver.answerWith(answerWith(500));
    const { id } = await publish('{"id":5}');
    const [delivery] = await system.settled('acme', id, ({ status, nextAttemptAt }) => {
      return status === 'retrying' && nextAttemptAt !== null;
    });
    await page.goto(`/store/acme/events/${id}`);
    const deliveries = page.getByRole('dialog').getByRole('table');
    await deliveries.getByText('Retrying').waitFor();
    receiver.answerWith(answerWith(200));
    await system.api.operator.post(`/api/v1/stores/acme/deliveries/${delivery!.id}/retry`);
    await deliveries.getByText('Delivered').waitFor();
  });

  it('say of one that no webhook wanted', async () => {
    await system.api.operator.post('/api/v1/stores/acme/events', { type: 'order.cancel', data: { id: 1 } });
    await page.goto('/store/acme/events?type=order.cancel');
    await page.getByText('No webhook wanted it').waitFor();
  });
});

describe('the overview', () => {
  it('tells what was accepted, what arrived and which webhook does worst', async () => {
    await page.goto('/store/acme');
    await page.getByRole('figure', { name: 'Deliveries by outcome' }).waitFor();
    await page.getByRole('link', { name: `${receiver.url}/hook` }).waitFor();
    await page.getByRole('list', { name: 'Errors of attempts' }).getByText('Answered with an error').waitFor();
    expect(await page.getByText('Your first delivered event').count()).toBe(0);
    await page.getByText('Show as a table').first().click();
    await page.getByRole('table', { name: 'Deliveries by outcome' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('is whole on a phone in the dark', async () => {
    const phone = await dashboard.openAs(dashboard.operator.email, '/store/acme', 'phone');
    await phone.emulateMedia({ colorScheme: 'dark' });
    await phone.getByRole('figure', { name: 'Deliveries by outcome' }).waitFor();
    expect(await width(phone)).toBeLessThanOrEqual(390);
    expect(await accessibilityProblems(phone)).toEqual([]);
    await phone.goto('/store/acme/deliveries');
    await phone.getByRole('table', { name: 'Deliveries' }).getByRole('link').first().waitFor();
    expect(await width(phone)).toBeLessThanOrEqual(390);
    expect(await accessibilityProblems(phone)).toEqual([]);
    await phone.context().close();
  });
});

it.each(['deliveries', 'events', 'audit-log'])(
  'leaves out of the address of the %s what makes no sense',
  async (log) => {
    await publish('{"id":7}');
    await page.goto(`/store/acme/${log}?since=never&until=1e9&recent=9y&statusCode=abc&ref=mail`);
    await page.getByRole('table').getByRole('row').nth(1).getByRole('cell').nth(1).waitFor();
    expect(await page.getByRole('button', { name: /Try again|Clear filters/ }).count()).toBe(0);
  },
);

it.each(['events?type=nonsense', 'audit-log?since=2026-01'])(
  'offers to let go of a filter that the API refuses: %s',
  async (address) => {
    await page.goto(`/store/acme/${address}`);
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('table').getByRole('row').nth(1).getByRole('cell').nth(1).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  },
);

it('runs into no error on any of these pages', () => {
  expect(errors).toEqual([]);
});
