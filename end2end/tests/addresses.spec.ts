// Addresses that people and browsers type.

import { arrive, cards, logIn, open } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const DEVICES = '/profile/devices';

test('the log-in page leads a logged-in person on', async ({ page, context, world }) => {
  await open(page, `/login?next=${DEVICES}`);
  await logIn(await context.newPage(), world.person);
  await page.reload();
  await arrive(page, DEVICES);
  await open(page, '/login');
  await arrive(page, '/');
});

test('a slash at the end leads to the page without one', async ({ page, world }) => {
  await open(page, '/login/');
  await arrive(page, '/login');
  await world.enter(page);
  const answer = await page.goto(`${DEVICES}/`);
  await arrive(page, DEVICES);
  expect(answer?.status()).toBe(200);
  await expect(cards(page)).toHaveCount(1);
  await open(page, '/login/');
  await arrive(page, '/');
});

test('a password manager finds the page that changes the password', async ({ page, world }) => {
  await world.enter(page);
  await page.goto('/.well-known/change-password');
  await arrive(page, '/profile/security');
});
