// My Profile, Activity: the events of the account, which the person can check.

import { readFile } from 'node:fs/promises';

import { agents } from '../support/agents.js';
import { arrive, logIn, open, password, ready, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const ACTIVITY = '/profile/activity';

test('people recognise their log-ins, and the failures that were not theirs', async ({ page, world, watch }) => {
  watch.expectStatus(401);
  await open(page, '/login');
  await sendLogIn(page, { ...world.person, password: 'not that one' });
  await expect(page.getByRole('alert')).toBeVisible();
  await world.logIn(agents.safariOnIphone);
  await logIn(page, world.person, '/profile/security');

  await page.getByRole('navigation', { name: 'My Profile' }).getByRole('link', { name: 'Activity' }).click();
  await arrive(page, ACTIVITY);
  const entries = page.getByRole('main').getByRole('article');
  await expect(entries).toHaveCount(3);
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
  await expect(entries.nth(0)).toContainText('Logged in from Chrome on Linux');
  await expect(entries.nth(1)).toContainText('Logged in from Safari on iPhone');
  await expect(entries.nth(2)).toContainText('Log-in failed: the password was wrong');
  await expect(page.getByText('That’s all.')).toBeVisible();
});

test('failures in a row are one entry with their number', async ({ page, world, watch, anotherBrowser }) => {
  watch.expectStatus(401);
  const stranger = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await open(stranger, '/login');
  for (const guess of ['first', 'second']) {
    const refused = stranger.waitForResponse((answer) => answer.url().endsWith('/api/log_in'));
    await sendLogIn(stranger, { ...world.person, password: guess });
    await refused;
    await expect(password(stranger)).toHaveValue('');
    await ready(stranger);
  }
  await world.enter(page);
  await open(page, ACTIVITY);
  const entries = page.getByRole('main').getByRole('article');
  await expect(entries).toHaveCount(2);
  await expect(entries.nth(1)).toContainText('2 failed attempts');
  await expect(entries.nth(1)).toContainText('Firefox on Windows');
  await expect(entries.nth(1)).toContainText('127.0.0.1');
});

test('devices that one click has logged out are one entry with their number', async ({ page, world }) => {
  for (let count = 0; count < 12; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, '/profile/devices');
  await page.getByRole('button', { name: 'Revoke all other devices (12)' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke all other devices' }).click();
  await expect(page.getByRole('status')).toContainText('12 other devices were logged out.');
  for (const path of [ACTIVITY, '/']) {
    await open(page, path);
    const entry = page.getByRole('main').getByRole('article').first();
    await expect(entry).toContainText('12 devices were logged out by Chrome on Linux');
    await expect(entry.getByRole('listitem').filter({ hasText: 'Firefox on Windows (12)' })).toHaveCount(1);
  }
});

test('what is older is a link away, and so is the way back', async ({ page, world }) => {
  for (let count = 0; count < 55; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, ACTIVITY);
  const entries = page.getByRole('main').getByRole('article');
  await expect(entries).toHaveCount(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(entries).toHaveCount(6);
  await ready(page);
  await page.getByRole('link', { name: 'Newest' }).click();
  await arrive(page, ACTIVITY);
  await expect(entries).toHaveCount(50);
});

test('the files can be kept', async ({ page, world }) => {
  await world.enter(page);
  await open(page, ACTIVITY);
  for (const [link, ending, start] of [
    ['Download as CSV', 'csv', '\ufeff"time","event","detail"'],
    ['Download as JSON', 'json', '['],
  ] as const) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: link }).click()]);
    const named = new RegExp(`^latchkey-${world.name}-ada@example.com-\\d{4}-\\d\\d-\\d\\d\\.${ending}$`);
    expect(download.suggestedFilename()).toMatch(named);
    const text = await readFile(await download.path(), 'utf8');
    expect(text.startsWith(start)).toBe(true);
    expect(text).toContain('succeeded');
  }
});

test('after too many failures the page says when to try again, and a known browser gets in', async ({
  page,
  world,
  watch,
  anotherBrowser,
}) => {
  watch.expectStatus(401, 429);
  await logIn(page, world.person);
  await page.context().clearCookies({ name: `latchkey-session-${world.name}` });

  const stranger = await anotherBrowser();
  await open(stranger, '/login');
  // The owner's network has as many guesses as any other address, and as many again because it is known.
  for (let count = 0; count < 10; count += 1) {
    await sendLogIn(stranger, { ...world.person, password: `wrong ${count}` });
    await expect(stranger.getByRole('alert')).toContainText('Username, email or password is wrong.');
    await expect(password(stranger)).toHaveValue('');
    await ready(stranger);
  }
  await sendLogIn(stranger, world.person);
  await expect(stranger.getByRole('alert')).toHaveText(
    /^Too many failed attempts\. Wait \d+ seconds, then try again\.$/,
  );
  await expect(stranger.getByLabel('Log-in code')).toBeVisible();

  await open(page, '/login');
  await sendLogIn(page, world.person);
  await arrive(page, '/');
});

test('the focus stays with the filters', { tag: '@hydrated' }, async ({ page, world }) => {
  await world.enter(page);
  await open(page, ACTIVITY);
  const show = page.getByRole('navigation', { name: 'Show' });
  await show.getByRole('link', { name: 'Log-ins' }).focus();
  await page.keyboard.press('Enter');
  await arrive(page, `${ACTIVITY}?show=log-ins`);
  await expect(show.getByRole('link', { name: 'Log-ins' })).toBeFocused();
});

test('a filter shows one kind of event, also on the next page', async ({ page, world, watch }) => {
  watch.expectStatus(401);
  for (let count = 0; count < 55; count += 1) await world.logIn(agents.firefoxOnWindows);
  await open(page, '/login');
  await sendLogIn(page, { ...world.person, password: 'not that one' });
  await expect(page.getByRole('alert')).toBeVisible();
  await world.enter(page);
  await open(page, ACTIVITY);
  const entries = page.getByRole('main').getByRole('article');
  const show = page.getByRole('navigation', { name: 'Show' });
  await expect(show.getByRole('link', { name: 'All' })).toHaveAttribute('aria-current', 'true');
  await show.getByRole('link', { name: 'Failed' }).click();
  await arrive(page, `${ACTIVITY}?show=failed`);
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText('Log-in failed: the password was wrong');
  await show.getByRole('link', { name: 'Log-outs' }).click();
  await arrive(page, `${ACTIVITY}?show=ended`);
  await expect(page.getByText('Nothing of this kind has happened.')).toBeVisible();
  await show.getByRole('link', { name: 'Log-ins' }).click();
  await arrive(page, `${ACTIVITY}?show=log-ins`);
  await expect(entries).toHaveCount(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(entries).toHaveCount(6);
  await expect(show.getByRole('link', { name: 'Log-ins' })).toHaveAttribute('aria-current', 'true');
});
