// The companies that a session works for, chosen in the top bar.

import { addCompanies, workFor as setCompanies } from '../support/database.js';
import { hasScript, open, openSwitcher, profileButton, switcher } from '../support/pages.js';
import { expect, test } from '../support/test.js';
import type { World } from '../support/world.js';

const CHOOSE_ONE = 'Choose at least one company.';

/** The company that a new database has. */
const first = (world: World) => world.name;

test.beforeEach(({ world }) => addCompanies(world.name, ['North', 'South'], world.server));

test('with one company there is nothing to choose', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/');
  await expect(profileButton(page, world.person)).toBeVisible();
  await expect(switcher(page)).toHaveCount(0);
});

test('a session works for one company or several, and each log-in starts with the default one', async ({ page, world }) => {
  await workFor(world, [first(world), 'North', 'South']);
  await world.enter(page);
  await open(page, '/profile/security');
  await expect(switcher(page)).toHaveText(new RegExp(first(world)));
  let menu = await openSwitcher(page);
  await menu.getByRole('button', { name: /^Work for .?North.? only$/ }).click();
  await expect(switcher(page)).toHaveText(/North/);
  await expect(page).toHaveURL('/profile/security');

  menu = await openSwitcher(page);
  await expect(menu.getByRole('checkbox', { name: /North/ })).toBeChecked();
  await menu.getByRole('checkbox', { name: /South/ }).check();
  await menu.getByRole('button', { name: 'Apply' }).click();
  await expect(switcher(page)).toHaveAccessibleName(/North.? and 1 other$/);

  menu = await openSwitcher(page);
  for (const name of [/North/, /South/]) await menu.getByRole('checkbox', { name }).uncheck();
  await menu.getByRole('button', { name: 'Apply' }).click();
  // Script checks the choice before the browser sends the form.
  if (hasScript()) await expect(menu.locator('input:invalid')).toHaveJSProperty('validationMessage', CHOOSE_ONE);
  else await expect(page.getByRole('alert')).toHaveText(CHOOSE_ONE);
  await expect(page).toHaveURL('/profile/security');
  await expect(switcher(page)).toHaveAccessibleName(/North.? and 1 other$/);

  // The stream of an open page would be refused without a cookie.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await world.enter(page);
  await open(page, '/');
  await expect(switcher(page)).toHaveText(new RegExp(first(world)));
});

test('Enter on a box works for all ticked companies', async ({ page, world }) => {
  await workFor(world, [first(world), 'North', 'South']);
  await world.enter(page);
  await open(page, '/profile/security');
  const menu = await openSwitcher(page);
  await menu.getByRole('checkbox', { name: /South/ }).press('Space');
  await menu.getByRole('checkbox', { name: /North/ }).press('Enter');
  await expect(switcher(page)).toHaveAccessibleName(/ and 1 other$/);
  await openSwitcher(page);
  await expect(menu.getByRole('checkbox', { name: /South/ })).toBeChecked();
  await expect(menu.getByRole('checkbox', { name: /North/ })).not.toBeChecked();
});

test('a new log-in starts with the default company of the profile', async ({ page, world }) => {
  await workFor(world, [first(world), 'North']);
  await world.enter(page);
  await open(page, '/profile');
  await page.getByLabel('Default company').selectOption('North');
  await page.getByRole('button', { name: 'Save preferences' }).click();
  await expect(page.getByText('Saved')).toBeVisible();
  // The stream of an open page would be refused without a cookie.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await world.enter(page);
  await open(page, '/');
  await expect(switcher(page)).toHaveText(/North/);
});

test('another tab follows a choice at once', { tag: '@hydrated' }, async ({ page, world, context }) => {
  await workFor(world, [first(world), 'North']);
  await world.enter(page);
  await open(page, '/');
  const other = await context.newPage();
  await open(other, '/profile/activity');
  const menu = await openSwitcher(page);
  await menu.getByRole('button', { name: /^Work for .?North.? only$/ }).click();
  await expect(switcher(other)).toHaveText(/North/);
});

test('a choice asks before typed text is lost', { tag: '@hydrated' }, async ({ page, world }) => {
  await workFor(world, [first(world), 'North']);
  await world.enter(page);
  await open(page, '/profile');
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('');
  await name.pressSequentially('Ada Byron');
  const menu = await openSwitcher(page);
  const only = menu.getByRole('button', { name: /^Work for .?North.? only$/ });
  let asked = page.waitForEvent('dialog');
  let clicked = only.click({ noWaitAfter: true });
  await (await asked).dismiss();
  await clicked;
  await expect(name).toHaveValue('Ada Byron');
  await expect(switcher(page)).toHaveText(new RegExp(first(world)));

  // The page has stayed, and goes on to hear of changes.
  await page.keyboard.press('Escape');
  await workFor(world, [first(world), 'North', 'South']);
  await expect(menu.getByRole('checkbox', { includeHidden: true })).toHaveCount(3);

  await openSwitcher(page);
  asked = page.waitForEvent('dialog');
  clicked = only.click({ noWaitAfter: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.accept();
  await clicked;
  await expect(switcher(page)).toHaveText(/North/);
});

test('an open menu stays while the list changes', { tag: '@hydrated' }, async ({ page, world }) => {
  await workFor(world, [first(world), 'North']);
  await world.enter(page);
  await open(page, '/');
  const menu = await openSwitcher(page);
  await menu.getByRole('checkbox', { name: /North/ }).check();
  const renewed = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/');
  await workFor(world, [first(world), 'North', 'South']);
  await (await renewed).finished();
  await expect(menu.getByRole('checkbox', { name: /North/ })).toBeChecked();
  await expect(menu.getByRole('checkbox')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(menu.getByRole('checkbox', { includeHidden: true })).toHaveCount(3);
});

test('a company that is taken away is gone at the next request, and the page says so once', async ({ page, world }) => {
  await workFor(world, [first(world), 'North', 'South']);
  await world.enter(page);
  await open(page, '/');
  const menu = await openSwitcher(page);
  await menu.getByRole('button', { name: /^Work for .?North.? only$/ }).click();
  await expect(switcher(page)).toHaveText(/North/);
  await workFor(world, ['South', first(world)]);
  await open(page, '/profile');
  await expect(switcher(page)).toHaveText(/South/);
  const lost = page.getByText('You no longer have access to a company that you worked for here.');
  await expect(lost).toBeVisible();
  await open(page, '/profile/security');
  await expect(lost).toHaveCount(0);
});

test('a company of others is refused and stands in Activity', async ({ page, world }) => {
  await workFor(world, [first(world), 'North']);
  await world.enter(page);
  await open(page, '/');
  const menu = await openSwitcher(page);
  const only = menu.getByRole('button', { name: /^Work for .?North.? only$/ });
  await only.evaluate((button: HTMLButtonElement) => {
    button.value = '018f0000-0000-7000-8000-000000000000';
    button.click();
  });
  await expect(page.getByRole('alert')).toHaveText('You have no access to that company.');
  await expect(switcher(page)).toHaveText(new RegExp(first(world)));
  await open(page, '/profile/activity?show=failed');
  await expect(page.getByText('Company refused: you have no access to it')).toBeVisible();
});

/** Sets the companies of the person, the default one first. */
function workFor(world: World, companies: string[]): Promise<void> {
  return setCompanies(world.name, world.person, companies, world.server);
}
