// Policies: what is stricter than in the configuration file, for people whose groups let them read settings.

import { agents } from '../support/agents.js';
import { arrive, open, openMenu } from '../support/pages.js';
import { expect, test } from '../support/test.js';

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
  await page.getByLabel('For whom').selectOption('For the users of Administrator');
  await page.getByRole('button', { name: 'Set policy' }).click();
  await expect(page.getByRole('alert')).toHaveText('Without a policy, the value is 12 hours. The value of a policy must be smaller.');
  await expect(value).toBeFocused();
  await expect(value).toHaveValue('12');
  await value.fill('4');
  await page.getByRole('button', { name: 'Set policy' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The policy is set/);
  await expect(settings.first()).toContainText('For the users of Administrator: 4 hours');

  await open(page, '/profile/devices');
  await expect(page.getByRole('main').getByRole('article').last()).toContainText('Logs out after 4 hours without use');

  await open(page, '/settings/policies');
  await settings.first().getByRole('button', { name: 'Delete policy' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The policy is deleted/);
  await expect(settings.first()).not.toContainText('4 hours');
});
