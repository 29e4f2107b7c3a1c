import type { SettingName } from '@signpost/config';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BrowserContext, chromium, type Page, type Browser as Chromium } from 'playwright-core';
import { OPERATOR_EMAIL, PASSWORD, setUp } from './people';
import { SignpostProcess } from './signpost-process';
import { TestSystem } from './test-system';

const SCREENSHOTS = resolve(__dirname, '../../.cache/screenshots');
export const PHONE = { width: 390, height: 844 };
const TABLET = { width: 800, height: 1024 };
const LARGE_TABLET = { width: 1024, height: 768 };
const SMALL_DESK = { width: 1280, height: 800 };
export const DESK = { width: 1360, height: 860 };

/** How a page is looked at. */
export type Look = 'light' | 'dark' | 'phone';
export const LOOKS: readonly Look[] = ['light', 'dark', 'phone'];

type Settings = Partial<Record<SettingName, string>>;
type State = Awaited<ReturnType<BrowserContext['storageState']>>;

interface Circumstances {
  /** Left out, nothing on the page moves, so that no test waits for an animation. */
  readonly reducedMotion?: 'no-preference';
}

/** The whole of Signpost, and people who look at it in a real browser. */
export class TestDashboard {
  readonly operator = { email: OPERATOR_EMAIL };
  private readonly signedIn = new Map<string, State>();

  private constructor(
    readonly system: TestSystem,
    private readonly chromium: Chromium,
  ) {}

  /** Builds what is not built yet, and follows the set-up link. */
  static async start(settings: Settings = {}): Promise<TestDashboard> {
    const dashboard = await TestDashboard.startUntouched(settings);
    await setUp(dashboard.system.api);
    return dashboard;
  }

  /** Builds what is not built yet; nobody has followed the set-up link. */
  static async startUntouched(settings: Settings = {}): Promise<TestDashboard> {
    await SignpostProcess.prepare();
    const [system, browser] = await Promise.all([
      TestSystem.start('postgres', { SIGNPOST_RETRY_SCHEDULE: '0,1h', ...settings }),
      chromium.launch({ executablePath: process.env['TEST_CHROMIUM'] ?? '', args: ['--no-sandbox'] }),
    ]);
    return new TestDashboard(system, browser);
  }

  /** A window of somebody who is not signed in. */
  open(path: string, look: Look = 'light'): Promise<Page> {
    return this.show(path, look, {});
  }

  /** A window of somebody who has signed in before. */
  async openAs(email: string, path: string, look: Look = 'light', circumstances: Circumstances = {}): Promise<Page> {
    let state = this.signedIn.get(email);
    if (state === undefined) {
      const page = await this.open('/sign-in');
      await this.signIn(page, email);
      state = await page.context().storageState();
      this.signedIn.set(email, state);
      await page.context().close();
    }
    return this.show(path, look, { storageState: state, ...circumstances });
  }

  /** Fills in the sign-in page, and waits for the page behind it. */
  async signIn(page: Page, email: string): Promise<void> {
    await page.getByLabel('Email').fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation').first().waitFor({ state: 'attached' });
  }

  private async show(path: string, look: Look, options: Circumstances & { storageState?: State }): Promise<Page> {
    const context = await this.chromium.newContext({
      baseURL: this.system.api.url,
      colorScheme: look === 'dark' ? 'dark' : 'light',
      viewport: look === 'phone' ? PHONE : DESK,
      hasTouch: look === 'phone',
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(path);
    return page;
  }

  async stop(): Promise<void> {
    await this.chromium.close();
    await this.system.stop();
  }
}

/** Every breach of WCAG 2.2 AA that axe finds on the page as it is, in words for the message of a failed test. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const isThere = await page.evaluate<boolean>('"axe" in globalThis');
  if (!isThere) await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    interface Axe {
      run(root: unknown, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
    }
    interface Changing {
      readonly transitionProperty?: string;
      readonly finished: Promise<unknown>;
    }
    const { axe, document } = globalThis as unknown as { axe: Axe; document: { getAnimations(): Changing[] } };
    // Waits for transitions: people do not read a text while its colour changes.
    const changing = document.getAnimations().filter(({ transitionProperty }) => transitionProperty !== undefined);
    await Promise.allSettled(changing.map(({ finished }) => finished));
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await axe.run(document, { runOnly, resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  });
}

/** Holds back the page's POST requests to a URL: `asked` resolves when there is one; `goOn` lets them leave. */
export async function holdBack(page: Page, url: string): Promise<{ asked: Promise<void>; goOn: () => void }> {
  let [isAsked, goOn] = [() => {}, () => {}];
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  const released = new Promise<void>((resolve) => (goOn = resolve));
  await page.route(url, async (route) => {
    if (route.request().method() === 'POST') {
      isAsked();
      await released;
    }
    await route.continue();
  });
  return { asked, goOn };
}

/** By how many pixels a page is wider than its window. */
export function widerThanWindow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** The tables that are wider than their frames, or have a row that is higher than the window. */
export async function clippedTables(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('table')].flatMap((table) => {
    const wider = Math.ceil(table.getBoundingClientRect().right - table.parentElement.getBoundingClientRect().right);
    const highest = Math.max(...[...table.rows].map((row) => row.offsetHeight));
    return [
      ...(wider > 0 ? ['the table ' + table.ariaLabel + ' is ' + wider + ' px wider than its frame'] : []),
      ...(highest > innerHeight ? ['a row of ' + table.ariaLabel + ' is ' + highest + ' px high'] : []),
    ];
  })`);
}

/** As {@link clippedTables}, in the window of a small desk and on tablets, where each row of a wide table is a card. */
export async function clippedInNarrowWindows(page: Page): Promise<string[]> {
  await page.setViewportSize(SMALL_DESK);
  const clipped = await clippedTables(page);
  for (const window of [LARGE_TABLET, TABLET]) {
    await page.setViewportSize(window);
    await page.locator('[data-cards]').waitFor();
    clipped.push(...(await clippedTables(page)));
  }
  return clipped;
}

/** Keeps a picture of the page under .cache/screenshots. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

export async function clipboardText(page: Page): Promise<string> {
  return page.evaluate('navigator.clipboard.readText()');
}
