// What people do most, in the browser that the other tests do not use.

import { agents } from '../support/agents.js';
import { arrive, card, cards, dialog, logIn, openMenu } from '../support/pages.js';
import { expect, test } from '../support/test.js';

test('people log in, see their devices live, revoke one, and log out', { tag: '@firefox' }, async ({ page, world }) => {
  const listening = page.waitForResponse((answer) => answer.url().endsWith('/api/session_events'));
  await logIn(page, world.person);
  await listening;
  const menu = await openMenu(page, world.person);
  await page.locator('html').evaluate((root) => root.setAttribute('data-marked', ''));
  await menu.getByRole('link', { name: 'My profile' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Devices', exact: true }).click();
  await expect(page).toHaveTitle('Devices · Latchkey');
  await expect(page.locator('html[data-marked]')).toHaveCount(1);
  await expect(cards(page)).toHaveCount(1);
  await expect(card(page, 'Firefox on Linux')).toContainText('This device');

  await world.logIn(agents.safariOnIphone);
  await expect(page.getByRole('status')).toHaveText('New log-in: Safari on iPhone.');
  await card(page, 'Safari on iPhone').getByRole('button', { name: 'Revoke' }).click();
  await dialog(page, 'Revoke Safari on iPhone?').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('status')).toHaveText('Safari on iPhone was logged out.');
  await expect(cards(page)).toHaveCount(1);

  await page.goBack();
  await expect(page).toHaveTitle('Profile · Latchkey');
  await expect(page.locator('html[data-marked]')).toHaveCount(1);
  const account = await openMenu(page, world.person);
  await account.getByRole('button', { name: 'Log out' }).click();
  await arrive(page, '/login');
});
