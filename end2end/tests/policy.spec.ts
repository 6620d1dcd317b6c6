import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { countSessions } from '../support/database.js';
import { arrive, card, cards, dialog, open, openMenu, password, sendLogIn } from '../support/pages.js';
import type { Server } from '../support/program.js';
import { expect, test } from '../support/test.js';
import type { World } from '../support/world.js';

const DEVICES = '/profile/devices';
const NO_DEVICE = '0190a6e0-7c3e-7000-8000-000000000001';

async function sessionCookie(page: Page): Promise<{ name: string; value: string; expires: number }> {
  const cookies = await page.context().cookies();
  const cookie = cookies.find(({ name }) => name.includes('latchkey-session-'));
  if (!cookie) throw new Error('there is no session cookie');
  return cookie;
}

/** Waits until the server wants the password for a revocation. */
async function untilUnconfirmed(page: Page, world: World, server: Server): Promise<void> {
  // A device that does not exist cannot be revoked: the answer is 404 while the log-in counts as a
  // confirmation, then 403.
  const { name, value } = await sessionCookie(page);
  const headers = { cookie: `${name}=${value}`, accept: 'application/json', 'sec-fetch-site': 'same-origin' };
  const ask = async (): Promise<number | undefined> =>
    (await server.post(world.name, '/api/revoke_device', { id: NO_DEVICE }, headers)).statusCode;
  await expect.poll(ask).toBe(403);
}

test('revoking asks who is there after a while, in the same question', async ({ page, watch, inHaste }) => {
  watch.expectStatus(403);
  watch.expectStatus(422);
  const { world, server } = await inHaste({ LATCHKEY__SESSIONS__CONFIRMATION_TIMEOUT: '1s' });
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, world.origin + DEVICES);
  await untilUnconfirmed(page, world, server);

  await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
  const question = dialog(page, 'Revoke Firefox on Windows?');
  // The page knows that the server will want the password.
  await expect(question.getByRole('alert')).toBeHidden();
  await expect(password(page, 'Your password')).toBeFocused();
  await page.keyboard.type('wrong');
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(question.getByRole('alert')).toHaveText('This password is wrong.');
  await expect(password(page, 'Your password')).toBeFocused();
  await expect(password(page, 'Your password')).toHaveValue('');
  expect(await countSessions(world.name, server)).toBe(2);
  await password(page, 'Your password').fill(world.person.password);
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('status')).toContainText('logged out.');
  await expect(cards(page)).toHaveCount(1);
  expect(await countSessions(world.name, server)).toBe(1);
});

test('a closed question keeps no password', { tag: '@hydrated' }, async ({ page, watch, inHaste }) => {
  watch.expectStatus(403);
  const { world, server } = await inHaste({ LATCHKEY__SESSIONS__CONFIRMATION_TIMEOUT: '1s' });
  for (const agent of [agents.firefoxOnWindows, agents.safariOnIphone]) await world.logIn(agent);
  await world.enter(page);
  await open(page, world.origin + DEVICES);
  await untilUnconfirmed(page, world, server);

  const firefox = dialog(page, 'Revoke Firefox on Windows?');
  const iphone = dialog(page, 'Revoke Safari on iPhone?');
  const askAbout = (device: string) => card(page, device).getByRole('button', { name: 'Revoke' }).click();
  const field = password(page, 'Your password');
  await askAbout('Firefox on Windows');
  await field.fill(world.person.password);
  await firefox.getByRole('button', { name: 'Cancel' }).click();
  await askAbout('Safari on iPhone');
  await expect(field).toHaveValue('');
  await field.fill(world.person.password);
  await page.keyboard.press('Escape');
  await askAbout('Firefox on Windows');
  await expect(field).toHaveValue('');
  await field.fill(world.person.password);
  await firefox.getByRole('button', { name: 'Revoke' }).click();
  await expect(cards(page)).toHaveCount(2);
  await askAbout('Safari on iPhone');
  await expect(iphone).toBeVisible();
  await expect(page.locator('#revoke-password')).toHaveValue('');
});

test('a shared computer keeps no cookie, and the next person finds nothing', async ({ page, world }) => {
  await open(page, `/login?next=${DEVICES}`);
  await page.getByRole('checkbox', { name: 'This is a shared computer' }).check();
  await sendLogIn(page, world.person);
  await arrive(page, DEVICES);
  expect((await sessionCookie(page)).expires).toBe(-1);
  await expect(cards(page).first()).toContainText('Shared computer');
  const menu = await openMenu(page, world.person);
  await menu.getByRole('button', { name: 'Log out' }).click();
  await arrive(page, '/login');
  await page.goBack();
  await expect(page.getByLabel('Email or username')).toBeVisible();
  await expect(page.getByText(world.person.name)).toBeHidden();
});

test('the token changes under way, and no person notices', async ({ page, inHaste }) => {
  const { world, server } = await inHaste({ LATCHKEY__SESSIONS__ROTATION_INTERVAL: '1s' });
  await world.enter(page);
  await open(page, world.origin + DEVICES);
  const before = (await sessionCookie(page)).value;
  const value = async (): Promise<string> => {
    await page.reload();
    return (await sessionCookie(page)).value;
  };
  await expect.poll(value).not.toBe(before);
  await expect(cards(page)).toHaveCount(1);
  expect(await countSessions(world.name, server)).toBe(1);
});
