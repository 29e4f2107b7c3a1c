import type { Page } from 'playwright-core';
import { accessibilityProblems, holdBack, TestDashboard } from '../support/dashboard';
import { addMember, PASSWORD } from '../support/people';

let dashboard: TestDashboard;
let page: Page;

beforeAll(async () => {
  dashboard = await TestDashboard.start();
  await dashboard.system.createStore('acme');
  const owner = await addMember(dashboard.system.api, 'acme', 'owner');
  page = await dashboard.openAs(owner.email, '/store/acme/settings/members');
}, 300_000);
afterAll(() => dashboard.stop());

const row = (text: string) => page.getByRole('row').filter({ hasText: text });

it('lets an owner invite somebody, who joins by the link that is shown once, and is not lost by a click', async () => {
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByRole('textbox', { name: 'Email' }).fill('new@example.com');
  const invitation = await holdBack(page, '**/invitations');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await invitation.asked;
  await page.keyboard.press('Escape');
  invitation.goOn();
  const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
  await page.locator(':focus', { hasText: 'Done' }).waitFor();
  await page.mouse.click(5, 5);
  await page.keyboard.press('Escape');
  await page.getByRole('alert').getByText('You have not copied the link').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.locator(':focus', { hasText: 'Back to the link' }).press('Enter');
  await page.getByRole('button', { name: 'Copy Invitation link' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Withdraw the invitation of new@example.com' }).waitFor();

  const invited = await dashboard.open(new URL(link).pathname + new URL(link).hash);
  await invited.getByLabel('Name').fill('Nora New');
  await invited.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await invited.keyboard.press('Enter');
  await invited.getByRole('navigation').first().waitFor({ state: 'attached' });
  await invited.context().close();
  await page.reload();
  await row('Nora New').waitFor();
});

it('lets an owner change a role, and remove a member', async () => {
  await page.getByRole('combobox', { name: 'Role of Nora New' }).click();
  await page.getByRole('option', { name: 'Admin' }).click();
  await page.getByText('Nora New is admin now.').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Remove Nora New' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await row('Nora New').waitFor({ state: 'detached' });
  await page.locator(':focus', { hasText: 'Invite somebody' }).waitFor();
});

it('lets an owner withdraw an invitation, and has the focus where it can go on', async () => {
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Email' }).fill('late@example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copy Invitation link' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  const withdraw = page.getByRole('button', { name: 'Withdraw the invitation of late@example.com' });
  await withdraw.press('Enter');
  await withdraw.waitFor({ state: 'detached' });
  await page.locator(':focus', { hasText: 'Invite somebody' }).waitFor();
});

it('takes away what owners may do no more once they have given it up, and leads them out of a store that they leave', async () => {
  const { email } = await addMember(dashboard.system.api, 'acme', 'owner');
  const theirs = await dashboard.openAs(email, '/store/acme/settings/members');
  const mine = theirs.getByRole('row').filter({ hasText: email });
  await mine.getByRole('combobox').click();
  await theirs.getByRole('option', { name: 'Admin' }).click();
  await theirs.getByRole('button', { name: 'Invite somebody' }).waitFor({ state: 'detached' });

  await page.reload();
  await row(email).getByRole('combobox').click();
  await page.getByRole('option', { name: 'Owner' }).click();
  await row(email).getByRole('combobox').and(page.locator(':enabled')).waitFor();
  await theirs.reload();
  await mine.getByRole('button', { name: /^Remove/ }).click();
  await theirs.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await theirs.waitForURL((url) => url.pathname === '/');
  await theirs.context().close();
});

it('shows a viewer who the members are, and no way to change it', async () => {
  const viewer = await addMember(dashboard.system.api, 'acme', 'viewer');
  const seen = await dashboard.openAs(viewer.email, '/store/acme/settings/members');
  await seen.getByText(viewer.email).waitFor();
  expect(await seen.getByRole('button', { name: /Invite|Remove/ }).count()).toBe(0);
  await seen.context().close();
});
