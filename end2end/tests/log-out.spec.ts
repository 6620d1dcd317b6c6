import { chromium } from '../support/chromium.js';
import { countSessions } from '../support/database.js';
import { arrive, hasScript, open, openMenu, ready } from '../support/pages.js';
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

test('log-out in one tab is log-out in all of them', async ({ page, context, world }) => {
  await world.enter(page);
  await open(page, '/profile/security');
  const second = await context.newPage();
  await open(second, '/');
  const menu = await openMenu(second, world.person);
  await menu.getByRole('button', { name: 'Log out' }).click();
  await arrive(second, '/login');

  if (hasScript()) {
    await arrive(page, '/login?next=/profile/security');
  } else {
    await page.getByRole('navigation', { name: 'My Profile' }).getByRole('link', { name: 'Devices' }).click();
    await arrive(page, '/login?next=/profile/devices');
  }
});

test('a browser that remembers whole pages does not show one after log-out', async ({ playwright, world, watch }) => {
  // Playwright switches this memory off by default, but people have it on.
  const browser = await playwright.chromium.launch({
    ...chromium,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  try {
    const context = await browser.newContext();
    await watch.over(context);
    const page = await context.newPage();
    await world.enter(page);
    await open(page, '/profile/devices');
    await page.getByRole('article', { name: 'Chrome on Linux' }).getByRole('button', { name: 'Log out' }).click();
    await arrive(page, '/login');
    await page.goBack({ waitUntil: 'commit' });
    await expect(page.getByLabel('Email or username')).toBeVisible();
    await expect(page.getByText(world.person.name)).toBeHidden();
  } finally {
    await browser.close();
  }
});
