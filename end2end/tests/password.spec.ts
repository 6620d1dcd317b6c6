import type { Locator, Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { arrive, open, password, ready, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const SECURITY = '/profile/security';
const chosen = 'eleven quiet harbours at dawn';

test('a changed password logs the other devices out, if wanted', async ({ page, world, watch, anotherBrowser }) => {
  watch.expectStatus(401);
  const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await world.enter(other, agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, SECURITY);
  await expect(page.getByRole('checkbox', { name: 'Log out all other devices' })).toBeChecked();
  await change(page, world.person.password, chosen);
  await expect(page.getByRole('region', { name: 'Change password' }).getByRole('status')).toContainText('Password changed.');
  for (const label of ['Current password', 'New password', 'Repeat new password']) {
    await expect(password(page, label)).toHaveValue('');
  }

  await open(other, '/');
  await arrive(other, '/login');
  await expect(other.getByRole('status')).toContainText(
    /You were logged out today at .*: your password was changed from Chrome on Linux\./,
  );
  await sendLogIn(other, world.person);
  await expect(other.getByRole('alert')).toHaveText('Username, email or password is wrong.');
  await ready(other);
  await sendLogIn(other, { ...world.person, password: chosen });
  await arrive(other, '/');
});

test('a changed password leaves the other devices alone, if wanted', async ({ page, world, anotherBrowser }) => {
  const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await world.enter(other, agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, SECURITY);
  await page.getByRole('checkbox', { name: 'Log out all other devices' }).uncheck();
  await change(page, world.person.password, chosen);
  await expect(page.getByRole('region', { name: 'Change password' }).getByRole('status')).toHaveText('Password changed.');
  await open(other, '/');
  await expect(other.getByRole('heading', { name: 'Where you’re logged in (2)' })).toBeVisible();
});

test('a password that cannot be set is refused with its reason', async ({ page, world, watch }) => {
  watch.expectStatus(422);
  await world.enter(page);
  await open(page, SECURITY);
  const alert = page.getByRole('alert');

  await change(page, 'not that one', chosen);
  await expect(alert).toHaveText('This password is wrong.');
  await expect(password(page, 'Current password')).toHaveAccessibleDescription('This password is wrong.');
  await expect(password(page, 'Current password')).toBeFocused();
  await expect(password(page, 'Current password')).toHaveValue('');
  await expect(password(page, 'New password')).not.toHaveAttribute('aria-invalid');
  await ready(page);

  await change(page, world.person.password, chosen, 'something else');
  await expect(alert).toHaveText('The passwords don’t match.');
  await expect(password(page, 'Repeat new password')).toBeFocused();
  await expect(password(page, 'New password')).not.toHaveAttribute('aria-invalid');
  await ready(page);

  await change(page, world.person.password, 'too short');
  await expect(alert).toHaveText('Use at least 15 characters.');
  const below = async (locator: Locator) => (await locator.boundingBox())!.y;
  expect(await below(alert)).toBeGreaterThan(await below(password(page, 'New password')));
  expect(await below(alert)).toBeLessThan(await below(password(page, 'Repeat new password')));
  await expect(password(page, 'New password')).toBeFocused();
  await ready(page);

  await change(page, world.person.password, world.person.password);
  await expect(alert).toHaveText('The new password is the same as the old one.');
});

test('a password of well-known words is refused with the words', async ({ page, world, watch }) => {
  watch.expectStatus(422);
  await world.enter(page);
  await open(page, SECURITY);
  await change(page, world.person.password, 'latchkey latchkey');
  await expect(page.getByRole('alert')).toHaveText(/^This password contains the word “Latchkey” and is easy to guess\./);
});

test('a new password is counted, and one button shows it twice', { tag: '@hydrated' }, async ({ page, world }) => {
  await world.enter(page);
  await open(page, SECURITY);
  await password(page, 'New password').fill('nine char');
  await expect(page.getByText('9 of 15', { exact: true })).toBeVisible();
  await password(page, 'New password').fill('fifteen letters');
  await expect(page.getByText('Long enough', { exact: true })).toBeVisible();
  await expect(page.getByText('9 of 15', { exact: true })).toBeHidden();
  await page.getByRole('button', { name: 'Show password – New password' }).click();
  for (const label of ['New password', 'Repeat new password']) {
    await expect(password(page, label)).toHaveAttribute('type', 'text');
  }
});

async function change(page: Page, current: string, next: string, repeated = next): Promise<void> {
  await password(page, 'Current password').fill(current);
  await password(page, 'New password').fill(next);
  await password(page, 'Repeat new password').fill(repeated);
  await page.getByRole('button', { name: 'Change password' }).click();
}
