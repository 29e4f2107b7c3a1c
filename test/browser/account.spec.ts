import type { Page } from 'playwright-core';
import { accessibilityProblems, clipboardText, keepPicture, TestDashboard } from '../support/dashboard';
import { PASSWORD, tokenOf } from '../support/people';
import { totp } from '../support/totp';

const NEXT_PASSWORD = 'a sentence that is easy to remember';

let dashboard: TestDashboard;
let page: Page;
let secret: string;
let recoveryCodes: readonly string[];

beforeAll(async () => {
  dashboard = await TestDashboard.startUntouched();
}, 300_000);
afterAll(() => dashboard.stop());

const dialog = () => page.getByRole('dialog');
const panel = (title: string) => page.getByRole('region', { name: title });
const setupPath = () => `/setup#token=${tokenOf(dashboard.system.api.api.setupUrl)}`;

async function fillPassword(): Promise<void> {
  await dialog().getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
}

async function signOut(): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
}

/** Signs in by the password, and answers the question for a code. */
async function showCode(code: string): Promise<void> {
  await page.getByLabel('Email').fill(dashboard.operator.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  // In groups, as apps show it and copy it.
  await page.getByLabel('Code').fill(code.replace(/^\d{3}/, '$& '));
  await page.keyboard.press('Enter');
}

/** Waits until a field has the focus, and is marked as wrong. */
const refused = (name: string) =>
  page.getByRole('textbox', { name }).and(page.locator('[aria-invalid="true"]:focus')).waitFor();

it('makes the first person by the link that the start printed, and never another one', async () => {
  page = await dashboard.open(setupPath());
  await page.getByLabel('Email').fill(dashboard.operator.email);
  expect(page.url()).not.toContain('token');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel('Name').fill('Olga');
  await page.getByRole('textbox', { name: 'Password' }).fill('too short');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('Use at least 12 characters.').waitFor();
  await refused('Password');
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.waitForURL('**/stores');

  const late = await dashboard.open(setupPath());
  await late.getByRole('heading', { name: 'Signpost is set up' }).waitFor();
  await late.context().close();
});

it('lets a person change the name that others see', async () => {
  await page.getByRole('button', { name: 'Account of Olga' }).click();
  await page.getByRole('menuitem', { name: 'Account' }).click();
  await panel('Name').getByRole('textbox', { name: 'Name' }).fill('Olga Operator');
  await panel('Name').getByRole('button', { name: 'Save' }).press('Enter');
  await page.getByRole('button', { name: 'Account of Olga Operator' }).waitFor();
  await page.locator(':enabled:focus', { hasText: 'Save' }).waitFor();
});

it('turns the second factor on by a code of the app, and shows the recovery codes once', async () => {
  await page.getByRole('button', { name: 'Turn on' }).click();
  await dialog().getByRole('textbox', { name: 'Password' }).fill('not the password');
  await dialog().getByRole('button', { name: 'Continue' }).click();
  await refused('Password');
  await fillPassword();
  await dialog().getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  const shown = await dialog().getByRole('region', { name: 'secret' }).innerText();
  expect(shown).toMatch(/^([A-Z2-7]{4} )+[A-Z2-7]{1,4}$/);
  await dialog().getByRole('button', { name: 'Copy secret' }).click();
  await dialog().getByRole('button', { name: 'Copied' }).waitFor();
  secret = await clipboardText(page);
  expect(secret).toBe(shown.replaceAll(' ', ''));
  expect(await dialog().getByRole('textbox', { name: 'Setup address' }).inputValue()).toContain(`secret=${secret}`);
  expect(await accessibilityProblems(page)).toEqual([]);
  await keepPicture(page, 'second-factor');

  await dialog().getByRole('textbox', { name: 'Code' }).fill('000 00');
  await dialog().getByRole('button', { name: 'Turn on' }).click();
  await refused('Code');
  await dialog().getByRole('textbox', { name: 'Code' }).fill(totp(secret));
  await page.keyboard.press('Enter');
  recoveryCodes = (await dialog().getByRole('region', { name: 'recovery codes' }).innerText()).trim().split('\n');
  expect(recoveryCodes.length).toBeGreaterThanOrEqual(8);
  await dialog().getByRole('button', { name: 'I have kept them' }).click();
  await panel('Second factor').getByText('On', { exact: true }).waitFor();
});

it('asks for a code after the password from then on', async () => {
  await signOut();
  // Another code than the one that turned it on: no code is good twice.
  await showCode(totp(secret, 1));
  await page.waitForURL('**/stores');
});

it('takes a recovery code instead, once', async () => {
  const [code = ''] = recoveryCodes;
  await signOut();
  await showCode(code);
  await page.waitForURL('**/stores');
  await signOut();
  await showCode(code);
  await page.getByRole('alert').waitFor();
  await refused('Code');
  await page.getByLabel('Code').fill(recoveryCodes[1] ?? '');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/stores');
});

it('makes new recovery codes, and turns the second factor off, for who knows the password', async () => {
  await page.goto('/account');
  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await fillPassword();
  const codes = await dialog().getByRole('region', { name: 'recovery codes' }).innerText();
  expect(codes).not.toContain(recoveryCodes[2]);
  await page.keyboard.press('Escape');
  await dialog().getByRole('alert').getByText('You have not copied the recovery codes').waitFor();
  await page.locator(':focus', { hasText: 'Back to the recovery codes' }).press('Enter');
  await dialog().getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: 'Turn off' }).click();
  await fillPassword();
  await panel('Second factor').getByText('Off', { exact: true }).waitFor();
});

it('changes the password for who knows it, and ends every session when asked to', async () => {
  await page.getByRole('textbox', { name: 'Current password' }).fill('not the password');
  await page.getByRole('textbox', { name: 'New password' }).fill(NEXT_PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await panel('Password').getByRole('alert').waitFor();
  await refused('Current password');
  await page.getByRole('textbox', { name: 'Current password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password is changed').waitFor();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.waitForURL('**/sign-in');
});
