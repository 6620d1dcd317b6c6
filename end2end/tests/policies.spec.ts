// Policies: what is stricter than in the configuration file, for people whose groups let them read settings.

import { agents } from '../support/agents.js';
import { arrive, open, openMenu } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const FOR_ADMINISTRATORS = 'For the users of the group “Administrator”';

test('an administrator sets a policy for a group, and deletes it', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, '/');
  const menu = await openMenu(page, world.person);
  await menu.getByRole('link', { name: 'Policies' }).click();
  await arrive(page, '/settings/policies');
  const settings = page.getByRole('main').getByRole('article');
  await expect(settings.first()).toContainText('Without a policy: 12 hours');

  const value = page.getByRole('textbox', { name: 'Value' });
  await value.fill('12');
  await page.getByLabel('Unit').selectOption('Hours');
  await page.getByLabel('For whom').selectOption({ label: FOR_ADMINISTRATORS });
  await page.getByRole('button', { name: 'Set policy' }).click();
  await expect(page.getByRole('alert')).toHaveText('Without a policy, the value is 12 hours. The value of a policy must be smaller.');
  await expect(value).toBeFocused();
  await expect(value).toHaveValue('12');
  await value.fill('4');
  await page.getByRole('button', { name: 'Set policy' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The policy is set/);
  await expect(settings.first()).toContainText(`${FOR_ADMINISTRATORS}: 4 hours`);

  await open(page, '/profile/devices');
  await expect(page.getByRole('main').getByRole('article').last()).toContainText('Logs out after 4 hours without use');

  await open(page, '/settings/policies');
  await settings.first().locator('summary', { hasText: 'Delete policy' }).click();
  await settings.first().getByRole('button', { name: 'Delete policy' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The policy is deleted/);
  await expect(settings.first()).not.toContainText('4 hours');
});

test('a page that is open hears that its session ends earlier', { tag: '@hydrated' }, async ({ page, world, context }) => {
  await world.enter(page);
  await open(page, '/profile');
  const other = await context.newPage();
  await open(other, '/settings/policies');
  const asked = page.waitForResponse((answer) => answer.url().endsWith('/api/current_session'));
  await other.getByRole('textbox', { name: 'Value' }).fill('30');
  await other.getByLabel('Unit').selectOption('Minutes');
  await other.getByRole('button', { name: 'Set policy' }).click();
  await expect(other.locator('.status[autofocus]')).toHaveText(/The policy is set/);
  const told = (await (await asked).json()) as { left: { milliseconds: number } };
  expect(told.left.milliseconds).toBeLessThanOrEqual(1_800_000);
});

test('a limit of devices says before whose it is, and may be given up', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, '/settings/policies');
  await page.getByLabel('Setting').selectOption('Largest number of devices');
  const value = page.getByRole('textbox', { name: 'Value' });
  await value.fill('1');
  await page.getByRole('button', { name: 'Set policy' }).click();
  const question = page.getByRole('alert');
  await expect(question).toContainText('Users who are logged in on more devices: 1.');
  await expect(question).toContainText('the devices that were not used for longest are logged out');
  await expect(question).toBeFocused();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(question).toHaveCount(0);
  await expect(page.getByText('For all users: 1 device', { exact: true })).toHaveCount(0);

  await page.getByLabel('Setting').selectOption('Largest number of devices');
  await value.fill('1');
  await page.getByRole('button', { name: 'Set policy' }).click();
  await page.getByRole('checkbox', { name: 'Set the policy all the same' }).check();
  await page.getByRole('button', { name: 'Set policy' }).click();
  await expect(page.getByText('For all users: 1 device', { exact: true })).toBeVisible();
});
