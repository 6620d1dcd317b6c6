// Home: what the person should look at, the devices, the latest events, and the account.

import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { arrive, open, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const EVENTS = '/api/session_events';
const CALM = 'Nothing needs your attention.';

test('Home says where the person is logged in, what happened, and leads on', async ({ page, world }) => {
  await world.enter(page);
  for (const agent of [agents.firefoxOnWindows, agents.safariOnIphone, agents.chromeOnAndroidTablet, agents.firefoxOnLinux]) {
    await world.logIn(agent);
  }
  await open(page, '/');
  const where = page.getByRole('region', { name: 'Where you’re logged in (5)' });
  const devices = where.getByRole('list').first().locator('> li');
  await expect(devices).toHaveCount(4);
  await expect(devices.first()).toContainText('This device');
  await expect(devices.first()).toContainText('Active now');
  await expect(page.getByRole('region', { name: 'Recent activity' }).getByRole('article')).toHaveCount(3);
  const account = page.getByRole('region', { name: 'Account', exact: true });
  await expect(account).toContainText(world.person.name);
  await expect(account).toContainText(world.person.login);
  await expect(account).toContainText(world.name);
  await expect(account).toContainText(/Changed today at \d\d:\d\d/);

  await page.getByRole('link', { name: 'All devices' }).click();
  await arrive(page, '/profile/devices');
  await open(page, '/');
  await page.getByRole('link', { name: 'All activity' }).click();
  await arrive(page, '/profile/activity');
  await open(page, '/');
  await account.getByRole('link', { name: 'Change Password' }).click();
  await arrive(page, '/profile/security');
  await open(page, '/');
  const administration = page.getByRole('region', { name: 'Administration' });
  await administration.getByRole('link', { name: 'Users 1 user 5 devices logged in' }).click();
  await arrive(page, '/settings/users');
});

test('what the person should look at stands first, and leads to more', async ({ page, world, watch, anotherBrowser }) => {
  watch.expectStatus(401);
  await world.enter(page);
  await open(page, '/');
  await expect(page.getByText(CALM)).toBeVisible();
  const stranger = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await open(stranger, '/login');
  await sendLogIn(stranger, { ...world.person, password: 'a guess' });
  await expect(stranger.getByRole('alert')).toBeVisible();
  await world.logIn(agents.safariOnIphone);

  await open(page, '/');
  const attention = page.getByRole('main').getByRole('status');
  await expect(attention).toContainText(/New log-in: Safari on iPhone, Local network, today at \d\d:\d\d( UTC)?\./);
  await expect(attention).toContainText(/1 failed log-in today at \d\d:\d\d( UTC)?\./);
  await expect(page.getByText(CALM)).toBeHidden();
  await page.getByRole('link', { name: 'Review activity' }).click();
  await arrive(page, '/profile/activity?show=failed');
  await expect(page.getByRole('article')).toHaveText([/password was wrong/]);
  // The person has looked at it.
  await open(page, '/');
  await expect(attention).toContainText('New log-in: Safari on iPhone');
  await expect(attention).not.toContainText('failed log-in');
});

test('a wrong current password is told until the person has looked at it', async ({ page, world, watch }) => {
  watch.expectStatus(422);
  await world.enter(page);
  await open(page, '/profile/security');
  const form = page.locator('form[action*="/api/make_log_in_code"]');
  await form.getByRole('textbox', { name: 'Your password' }).fill('a guess');
  await form.getByRole('button').last().click();
  await expect(page.getByRole('alert')).toBeVisible();
  await open(page, '/');
  const attention = page.getByRole('main').getByRole('status');
  await expect(attention).toContainText(/The current password was entered wrongly once, today at \d\d:\d\d/);
  await page.getByRole('link', { name: 'Review activity' }).click();
  await arrive(page, '/profile/activity?show=failed');
  await expect(page.getByRole('article')).toHaveText([/A wrong current password was entered/]);
  await open(page, '/');
  await expect(page.getByText(CALM)).toBeVisible();
});

test.describe('live', { tag: '@hydrated' }, () => {
  test('Home follows log-ins elsewhere, and the focus stays', async ({ page, world }) => {
    await world.enter(page);
    await openListening(page);
    await expect(page.getByText(CALM)).toBeVisible();
    const link = page.getByRole('link', { name: 'All devices' });
    await link.focus();
    await world.logIn(agents.safariOnIphone);
    await expect(page.getByRole('heading', { name: 'Where you’re logged in (2)' })).toBeVisible();
    await expect(page.getByRole('main').getByRole('status')).toContainText('New log-in: Safari on iPhone');
    await expect(page.getByRole('region', { name: 'Recent activity' }).getByRole('article').first()).toContainText('Safari on iPhone');
    await expect(link).toBeFocused();
    await world.logIn(agents.firefoxOnWindows);
    await expect(page.getByRole('heading', { name: 'Where you’re logged in (3)' })).toBeVisible();
  });

  test('Home counts the minutes since the last activity on', async ({ page, world, watch }) => {
    watch.expect(/ERR_FAILED/);
    await page.clock.install();
    await world.logIn(agents.safariOnIphone);
    await world.enter(page);
    // No change reaches the page, and the server's clock stands while the page's clock jumps.
    await page.route(`**${EVENTS}`, (route) => route.abort());
    await open(page, '/');
    const phone = page.getByRole('region', { name: /^Where/ }).getByRole('listitem').filter({ hasText: 'Safari on iPhone' });
    await expect(phone).toContainText('Active now');
    const home = await page.evaluate(async () => (await fetch('/')).text());
    const later = home.replaceAll('Active now', 'Active 1 minute ago');
    await page.route(`${world.origin}/`, (route) => route.fulfill({ contentType: 'text/html', body: later }));
    await page.clock.fastForward('01:00');
    await expect(phone).toContainText('Active 1 minute ago');
  });

  test('Home counts failed log-ins on, until another tab has looked at them', async ({ page, context, world, watch, anotherBrowser }) => {
    test.slow();
    watch.expectStatus(401);
    await world.enter(page);
    await openListening(page);
    await expect(page.getByText(CALM)).toBeVisible();
    const stranger = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
    await open(stranger, '/login');
    const attention = page.getByRole('main').getByRole('status');
    for (const told of [/^1 failed log-in today at /, /^2 failed log-ins, the last one today at /]) {
      await sendLogIn(stranger, { ...world.person, password: 'a guess' });
      // The stream's next look is at most 15 seconds away.
      await expect(attention).toHaveText(told, { timeout: 20_000 });
    }
    const other = await context.newPage();
    await open(other, '/profile/activity?show=failed');
    await expect(page.getByText(CALM)).toBeVisible();
    await expect(attention).not.toContainText('failed log-in');
  });

  test('Home that comes into the document follows, too', async ({ page, world }) => {
    await world.enter(page);
    await openListening(page, '/profile/security');
    await page.getByRole('banner').getByRole('link').first().click();
    await expect(page.getByRole('heading', { name: 'Where you’re logged in (1)' })).toBeVisible();
    await world.logIn(agents.safariOnIphone);
    await expect(page.getByRole('heading', { name: 'Where you’re logged in (2)' })).toBeVisible();
  });
});

/** Opens an address, and waits until its stream is also open. */
async function openListening(page: Page, path = '/'): Promise<void> {
  const listening = page.waitForResponse((answer) => answer.url().endsWith(EVENTS));
  await open(page, path);
  expect((await listening).status()).toBe(200);
}
