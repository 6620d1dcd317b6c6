// The messages of refused forms, and the text and choices that they keep.

import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { arrive, card, cards, open, password, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const DEVICES = '/profile/devices';
const SECURITY = '/profile/security';

test.beforeEach(({ watch }) => {
  watch.expectStatus(401, 422);
});

test('a refused log-in keeps everything but the password, and the second try goes where the first went', async ({ page, world }) => {
  const second = `${world.name}-second`;
  await createDatabase(second, world.person);
  await open(page, `/login?next=${DEVICES}`);
  await page.getByLabel('Database').selectOption(second);
  await page.getByRole('checkbox', { name: 'This is a shared computer' }).check();
  await sendLogIn(page, { ...world.person, password: 'wrong' });
  await expect(page.getByRole('alert')).toHaveText('Database, username, email or password is wrong.');
  await expect(page.getByLabel('Database')).toHaveValue(second);
  await expect(page.getByLabel('Email or username')).toHaveValue(world.person.login);
  await expect(page.getByRole('checkbox', { name: 'This is a shared computer' })).toBeChecked();
  await password(page).fill(world.person.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await arrive(page, DEVICES);
  await expect(cards(page).first()).toContainText('Shared computer');
  // The page would otherwise send one more request, to a database that does not exist any more.
  await page.goto('about:blank');
  await dropDatabase(second);
});

test('a refused password change keeps the choice', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, SECURITY);
  const others = page.getByRole('checkbox', { name: 'Log out all other devices' });
  await others.uncheck();
  await change(page, 'wrong', 'nine quiet otters sing');
  await expect(page.getByRole('alert')).toHaveText('This password is wrong.');
  await expect(others).not.toBeChecked();
  await change(page, world.person.password, 'nine quiet otters sing');
  await expect(page.getByRole('region', { name: 'Change password' }).getByRole('status')).toHaveText('Password changed.');
  await open(page, DEVICES);
  await expect(cards(page)).toHaveCount(2);
});

test('a refused name of a device is still there', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, DEVICES);
  const device = card(page, 'Firefox on Windows');
  await device.getByText('Rename').click();
  const field = device.getByLabel('Device name');
  await field.fill('x'.repeat(65));
  await device.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toHaveText('The name may have at most 64 characters.');
  await expect(field).toBeVisible();
  await expect(field).toHaveValue('x'.repeat(65));
});

test('what was refused is said once', { tag: '@no-javascript' }, async ({ page, world }) => {
  await open(page, '/login');
  await sendLogIn(page, { ...world.person, password: 'wrong' });
  await expect(page.getByRole('alert')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByLabel('Email or username')).toHaveValue('');
});

async function change(page: Page, current: string, next: string): Promise<void> {
  await password(page, 'Current password').fill(current);
  for (const label of ['New password', 'Repeat new password']) await password(page, label).fill(next);
  await page.getByRole('button', { name: 'Change password' }).click();
}
