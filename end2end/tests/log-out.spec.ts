import { countSessions } from '../support/database.js';
import { arrive, open, openMenu, ready } from '../support/pages.js';
import { expect, test } from '../support/test.js';

test('after log-out the back button shows nothing', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/');
  await open(page, '/profile/devices');
  const menu = await openMenu(page, world.person);
  await menu.getByRole('button', { name: 'Log out' }).click();
  await arrive(page, '/login');
  expect(await countSessions(world.name)).toBe(0);

  await page.goBack();
  await ready(page);
  await expect(page).toHaveURL(/\/login/);
  await expect(page.getByText(world.person.name)).toBeHidden();
  await expect(page.getByLabel('Email or username')).toBeVisible();
});

test('log-out in one tab is log-out in all of them', async ({ page, context, world, watch }) => {
  watch.expectStatus(401);
  await world.enter(page);
  await open(page, '/profile/security');
  const second = await context.newPage();
  await open(second, '/');
  const menu = await openMenu(second, world.person);
  await menu.getByRole('button', { name: 'Log out' }).click();
  await arrive(second, '/login');

  await page.getByRole('navigation', { name: 'My Profile' }).getByRole('link', { name: 'Devices' }).click();
  await arrive(page, '/login?next=/profile/devices');
});
