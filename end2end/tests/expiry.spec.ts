// The expiry of a session: the warning before, the cover after, and the way back.

import type { Page } from '@playwright/test';

import { violations } from '../support/accessibility.js';
import { ada, countSessions } from '../support/database.js';
import { arrive, dialog, open, password, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const SECURITY = '/profile/security';
const WARNING = 'Still there?';
const LOCK = 'You were logged out';
const TYPED = 'not yet sent';

test.describe('with script', { tag: '@hydrated' }, () => {
  test('tabs warn and count in step, and staying in one is staying in all', async ({ page, context, inHaste }) => {
    test.slow();
    const { world, server } = await inHaste({ LATCHKEY__SESSIONS__IDLE_TIMEOUT: '20s' });
    await world.enter(page);
    await open(page, world.origin + SECURITY);
    const other = await context.newPage();
    await open(other, world.origin);
    const left = async (tab: Page): Promise<string | null> => dialog(tab, WARNING).getByRole('timer').textContent();
    for (const tab of [page, other]) await expect(dialog(tab, WARNING)).toBeVisible({ timeout: 20_000 });
    await expect(dialog(page, WARNING).getByRole('timer')).toHaveText(/^0:0[0-5]$/);
    expect(Math.abs(seconds(await left(page)) - seconds(await left(other)))).toBeLessThanOrEqual(1);
    await expect(dialog(page, WARNING).getByRole('button', { name: 'Stay logged in' })).toBeFocused();
    await page.keyboard.press('Enter');
    for (const tab of [page, other]) await expect(dialog(tab, WARNING)).toBeHidden();
    // Staying was activity: both tabs warn again, a whole idle timeout later, and Escape also stays.
    await expect(dialog(other, WARNING)).toBeVisible({ timeout: 20_000 });
    await other.bringToFront();
    await other.keyboard.press('Escape');
    for (const tab of [page, other]) await expect(dialog(tab, WARNING)).toBeHidden();
    expect(await countSessions(world.name, server)).toBe(1);
  });

  test('the page is covered at the end, and what was typed is there after the password', async ({ page, context, watch, inHaste }) => {
    watch.expectStatus(401);
    const { world } = await inHaste({ LATCHKEY__SESSIONS__IDLE_TIMEOUT: '10s' });
    await world.enter(page);
    await open(page, world.origin + SECURITY);
    const other = await context.newPage();
    await open(other, world.origin + SECURITY);
    for (const tab of [page, other]) await password(tab, 'Current password').fill(TYPED);
    for (const tab of [page, other]) await expect(dialog(tab, LOCK)).toBeVisible({ timeout: 20_000 });
    for (const tab of [page, other]) await expect(tab).toHaveTitle('You were logged out');
    expect(await violations(page)).toEqual([]);
    const lock = dialog(page, LOCK);
    await expect(lock).toHaveAccessibleDescription(
      /^You were logged out today at \d\d:\d\d( UTC)?: nothing happened here for 10 seconds\. Enter your password to continue\./,
    );
    await expect(lock.getByLabel('Database')).toHaveValue(world.name);
    await expect(lock.getByLabel('Email or username')).toHaveValue(world.person.login);
    await expect(password(page)).toBeFocused();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect(lock).toBeVisible();
    await password(page).fill('wrong');
    await lock.getByRole('button', { name: 'Log in' }).click();
    await expect(lock.getByRole('alert')).toHaveText('This password is wrong.');
    await password(page).fill(world.person.password);
    await page.keyboard.press('Enter');
    for (const tab of [page, other]) {
      await expect(dialog(tab, LOCK)).toBeHidden();
      await expect(password(tab, 'Current password')).toHaveValue(TYPED);
      await expect(tab).toHaveTitle('Security · Latchkey');
    }
  });

  test('a person who types is active', async ({ page, inHaste }) => {
    const { world, server } = await inHaste({ LATCHKEY__SESSIONS__IDLE_TIMEOUT: '10s' });
    await world.enter(page);
    await open(page, world.origin + SECURITY);
    const field = password(page, 'Current password');
    const extended = page.waitForResponse(/current_session/);
    const started = Date.now();
    // Typing takes longer than the idle timeout, at a letter a second.
    await expect
      .poll(
        async () => {
          await field.press('x');
          return Date.now() - started;
        },
        { intervals: [1_000], timeout: 30_000 },
      )
      .toBeGreaterThan(15_000);
    await extended;
    await expect(dialog(page, LOCK)).toBeHidden();
    expect((await field.inputValue()).length).toBeGreaterThan(10);
    expect(await countSessions(world.name, server)).toBe(1);
  });

  test('an end that cannot be postponed is announced too', async ({ page, watch, inHaste }) => {
    watch.expectStatus(401);
    const ends = { LATCHKEY__SESSIONS__IDLE_TIMEOUT: '10s', LATCHKEY__SESSIONS__ABSOLUTE_TIMEOUT: '12s' };
    const { world } = await inHaste(ends);
    await world.enter(page);
    await open(page, world.origin + SECURITY);
    const warning = dialog(page, WARNING);
    await warning.getByRole('button', { name: 'Stay logged in' }).click();
    await expect(warning).toContainText('as long as is allowed');
    await warning.getByRole('button', { name: 'OK' }).click();
    await expect(warning).toBeHidden();
    await expect(dialog(page, LOCK)).toContainText('You stay logged in for at most 12 seconds;');
  });

  test('on a shared computer nothing stays on the page', async ({ page, watch, inHaste }) => {
    watch.expectStatus(401);
    const { world } = await inHaste({ LATCHKEY__SESSIONS__SHARED_IDLE_TIMEOUT: '10s' });
    await open(page, `${world.origin}/login?next=${SECURITY}`);
    await page.getByRole('checkbox', { name: 'This is a shared computer' }).check();
    await sendLogIn(page, world.person);
    await arrive(page, world.origin + SECURITY);
    await password(page, 'Current password').fill(TYPED);
    await expect(dialog(page, WARNING)).toContainText('not kept', { timeout: 20_000 });
    await arrive(page, `${world.origin}/login?next=${SECURITY}`);
    await expect(page.getByRole('status')).toContainText('nothing happened here for 10 seconds.');
  });

  test('a page whose browser belongs to another person by now is not shown', async ({ page, context, world, watch }) => {
    // The old page may ask for its news once more before it is loaded again.
    watch.expectStatus(409);
    const grace = await world.another({ ...ada, login: 'grace@example.com', name: 'Grace Hopper' });
    await world.enter(page);
    await open(page, SECURITY);
    const other = await context.newPage();
    await grace.enter(other);
    await open(other, '/');
    await page.getByRole('button', { name: grace.person.name }).click();
    await expect(page.getByText(grace.person.login)).toBeVisible();
  });
});

test('after the end the next act leads to log-in and back', async ({ page, inHaste }) => {
  const { world, server } = await inHaste({ LATCHKEY__SESSIONS__IDLE_TIMEOUT: '10s' });
  await world.enter(page);
  await expect.poll(() => countSessions(world.name, server), { timeout: 20_000 }).toBe(0);
  await page.goto(world.origin + SECURITY);
  await arrive(page, `${world.origin}/login?next=${SECURITY}`);
  await expect(page.getByRole('status')).toContainText('nothing happened here for 10 seconds.');
  // The focus jumps past the notice, so the notice describes the field.
  await expect(page.getByLabel('Email or username')).toBeFocused();
  await expect(page.getByLabel('Email or username')).toHaveAccessibleDescription(/nothing happened here for 10 seconds\.$/);
  await sendLogIn(page, world.person);
  await arrive(page, world.origin + SECURITY);
});

function seconds(shown: string | null): number {
  const [minutes, rest] = (shown ?? '').split(':').map(Number);
  return minutes! * 60 + rest!;
}
