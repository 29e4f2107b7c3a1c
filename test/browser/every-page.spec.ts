import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import {
  accessibilityProblems,
  clippedTables,
  DESK,
  keepPicture,
  type Look,
  LOOKS,
  PHONE,
  TestDashboard,
  widerThanWindow,
} from '../support/dashboard';
import { answerWith, TestReceiver } from '../support/test-receiver';

const ROUTES = join(__dirname, '../../apps/dashboard/src/routes');

interface Ids {
  readonly event: string;
  readonly delivery: string;
  readonly webhook: string;
}

interface PageRow {
  /** As the router has it, from the root on; the same route may be here twice. */
  readonly route: string;
  readonly path: (ids: Ids) => string;
  /** What is to be seen once everything is there. */
  readonly shows: string;
  /** Leaves the session alone: it is looked at by somebody who has none. */
  readonly signedOut?: boolean;
  /** Opens something on it first. */
  readonly open?: (page: Page) => Promise<void>;
}

const button = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

const PAGES: readonly PageRow[] = [
  { route: '/', path: () => '/', shows: 'Acme' },
  { route: '/sign-in', path: () => '/sign-in', shows: 'Sign in', signedOut: true },
  { route: '/setup', path: () => '/setup', shows: 'set up', signedOut: true },
  { route: '/invitation', path: () => '/invitation', shows: 'invitation', signedOut: true },
  { route: '/portal', path: () => '/portal', shows: 'link', signedOut: true },
  { route: '/account', path: () => '/account', shows: 'Second factor' },
  { route: '/stores', path: () => '/stores', shows: 'acme' },
  { route: '/stores', path: () => '/stores', shows: 'Create', open: button('Create a store') },
  { route: '/stores', path: () => '/stores', shows: 'to confirm', open: button('Delete acme') },
  { route: '/system', path: () => '/system', shows: 'PostgreSQL answers' },
  { route: '/audit-log', path: () => '/audit-log', shows: 'Store created' },
  { route: '/store/$store', path: () => '/store/acme', shows: 'Overview' },
  { route: '/store/$store/events', path: () => '/store/acme/events', shows: 'order.create' },
  { route: '/store/$store/events/$event', path: ({ event }) => `/store/acme/events/${event}`, shows: '10.00' },
  { route: '/store/$store/deliveries', path: () => '/store/acme/deliveries', shows: 'order.create' },
  {
    route: '/store/$store/deliveries/$delivery',
    path: ({ delivery }) => `/store/acme/deliveries/${delivery}`,
    shows: 'The endpoint answered 500',
  },
  { route: '/store/$store/event-types', path: () => '/store/acme/event-types', shows: 'Order Create' },
  { route: '/store/$store/audit-log', path: () => '/store/acme/audit-log', shows: 'Webhook created' },
  { route: '/store/$store/settings/api', path: () => '/store/acme/settings/api', shows: 'Order system' },
  {
    route: '/store/$store/settings/api',
    path: () => '/store/acme/settings/api',
    shows: 'Activated',
    open: button('Add API'),
  },
  { route: '/store/$store/settings/webhooks', path: () => '/store/acme/settings/webhooks', shows: '/hook' },
  {
    route: '/store/$store/settings/webhooks',
    path: () => '/store/acme/settings/webhooks',
    shows: 'Save',
    open: button('Add Webhook'),
  },
  {
    route: '/store/$store/settings/webhooks',
    path: () => '/store/acme/settings/webhooks',
    shows: 'Timings',
    open: button('Send Dummy'),
  },
  {
    route: '/store/$store/settings/webhooks/$webhook/signature',
    path: ({ webhook }) => `/store/acme/settings/webhooks/${webhook}/signature`,
    shows: 'Verify',
  },
  { route: '/store/$store/settings/members', path: () => '/store/acme/settings/members', shows: 'Members' },
  {
    route: '/store/$store/settings/members',
    path: () => '/store/acme/settings/members',
    shows: 'Email',
    open: button(/^Invite/),
  },
];

let dashboard: TestDashboard;
let receiver: TestReceiver;
let ids: Ids;
/** Of the operator, for all pages: what the browser has loaded for one it need not load for the next. */
let signedIn: Page;
const errors: string[] = [];
const hear = ({ message }: Error) => void errors.push(message);

beforeAll(async () => {
  dashboard = await TestDashboard.start();
  const { system } = dashboard;
  receiver = await TestReceiver.start(answerWith(500));
  await system.createStore('acme');
  const apiKey = await system.createApiKey('acme');
  const webhook = await system.createWebhook('acme', `${receiver.url}/hook`);
  const event = await system.publish(system.api.as(apiKey), 'acme', '{"id":1,"total":10.00}');
  const [delivery] = await system.settled('acme', event.id, ({ status }) => status === 'retrying');
  ids = { event: event.id, delivery: delivery!.id, webhook: webhook.id };
  signedIn = await dashboard.openAs(dashboard.operator.email, '/');
  signedIn.on('pageerror', hear);
}, 300_000);
afterAll(async () => {
  await dashboard.stop();
  await receiver.close();
});

it('has a row here for each route of the router', () => {
  const own = readdirSync(ROUTES).flatMap((file) =>
    [...readFileSync(join(ROUTES, file), 'utf8').matchAll(/path: '(\/[^']*)'/g)].map(([, path]) => path!),
  );
  const listed = [...new Set(PAGES.map(({ route }) => route))];
  for (const path of own) expect(listed.some((route) => route === path || route.endsWith(path))).toBe(true);
  expect(own.length).toBeGreaterThanOrEqual(listed.length - 1);
});

/** Shows an open page as somebody with this look would have it. */
async function show(page: Page, look: Look): Promise<void> {
  const scheme = look === 'dark' ? 'dark' : 'light';
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.setViewportSize(look === 'phone' ? PHONE : DESK);
  await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
}

/** `store-settings-api-activated`: where it is, and what is opened on it. */
function pictureName({ route, shows, open }: PageRow): string {
  const words = open === undefined ? route : `${route} ${shows}`;
  return words.toLowerCase().match(/\w+/g)?.join('-') ?? 'start';
}

async function openPage({ path, shows, signedOut, open }: PageRow): Promise<Page> {
  const page = signedOut ? await dashboard.open(path(ids)) : signedIn;
  if (signedOut) page.on('pageerror', hear);
  await show(page, 'light');
  await page.goto(path(ids));
  await open?.(page);
  await page.getByText(shows).first().waitFor({ state: 'attached' });
  return page;
}

/** @returns what is wrong with a page that is open, by look */
async function problemsOf(page: Page, name: string): Promise<string[]> {
  const problems: string[] = [];
  for (const look of LOOKS) {
    await show(page, look);
    await keepPicture(page, `${name}-${look}`);
    problems.push(...(await accessibilityProblems(page)).map((found) => `${look}: ${found}`));
    const wider = await widerThanWindow(page);
    if (wider > 0) problems.push(`${look}: ${wider} px wider than the window`);
    problems.push(...(await clippedTables(page)).map((found) => `${look}: ${found}`));
  }
  return problems;
}

it.each(PAGES.map((row) => ({ row, name: pictureName(row) })))(
  'keeps nobody out, and fits into the window, in light, in dark and on a phone: $name',
  async ({ row, name }) => {
    const page = await openPage(row);
    expect(await problemsOf(page, name)).toEqual([]);
    expect(errors.splice(0)).toEqual([]);
    if (page !== signedIn) await page.context().close();
  },
);
