// A log-in on a new device is news on every page, until the person says "It was me" or ends it.

import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { arrive, card, dialog, hasScript, open } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const EVENTS = '/api/session_events';

function news(page: Page) {
  return page.getByRole('main').getByRole('status').filter({ hasText: 'New log-in' });
}

for (const path of ['/', '/profile', '/profile/security', '/profile/activity']) {
  test(`a new device is told at ${path}, and "It was me" settles it everywhere`, async ({ page, world }) => {
    await world.enter(page);
    await world.logIn(agents.safariOnIphone);
    await open(page, path);
    await expect(news(page)).toContainText(/New log-in: Safari on iPhone, Local network, today at \d\d:\d\d( UTC)?\./);
    await news(page).getByRole('button', { name: 'It was me' }).click();
    // Without script the answer is the list of devices.
    await arrive(page, hasScript() ? path : '/profile/devices');
    await expect(news(page)).toHaveCount(0);
    await open(page, '/profile/devices');
    await expect(card(page, 'Safari on iPhone')).toBeVisible();
    await expect(card(page, 'Safari on iPhone').getByText('New', { exact: true })).toHaveCount(0);
    await open(page, '/');
    await expect(page.getByText('Nothing needs your attention.')).toBeVisible();
  });
}

test('"Revoke" asks on the page of the devices', async ({ page, world }) => {
  await world.enter(page);
  await world.logIn(agents.safariOnIphone);
  await open(page, '/profile/security');
  await news(page).getByRole('link', { name: 'Revoke' }).click();
  const question = dialog(page, 'Revoke Safari on iPhone?');
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(card(page, 'Safari on iPhone')).toHaveCount(0);
  await open(page, '/profile/security');
  await expect(news(page)).toHaveCount(0);
});

test('a card of a new device has the button, too, and a new device has none', async ({ page, world, anotherBrowser }) => {
  await world.enter(page);
  const phone = await anotherBrowser({ userAgent: agents.safariOnIphone });
  await world.enter(phone, agents.safariOnIphone);
  await world.logIn(agents.firefoxOnWindows);
  await open(phone, '/profile/devices');
  await expect(card(phone, 'Firefox on Windows').getByText('New', { exact: true })).toBeVisible();
  await expect(phone.getByRole('button', { name: 'It was me' })).toHaveCount(0);
  const why = 'This device is new, too. Confirm new devices on a device that you have used for longer.';
  await expect(phone.getByText(why)).toBeVisible();
  await open(phone, '/profile/security');
  await expect(news(phone)).toHaveCount(0);

  await open(page, '/profile/devices');
  await expect(page.getByText(why)).toBeHidden();
  const mine = card(page, 'Safari on iPhone');
  await mine.getByRole('button', { name: 'It was me' }).click();
  await expect(mine.getByText('New', { exact: true })).toHaveCount(0);
  if (hasScript()) await expect(mine).toBeFocused();
  else await expect(page.getByRole('status')).toHaveText('The device is no longer marked as new.');
  await expect(card(page, 'Firefox on Windows').getByText('New', { exact: true })).toBeVisible();
  await open(phone, '/profile/devices');
  await expect(card(phone, 'Firefox on Windows').getByRole('button', { name: 'It was me' })).toBeVisible();
});

test.describe('live', { tag: '@hydrated' }, () => {
  test('an open page tells at once, and an open form keeps what is typed', async ({ page, world }) => {
    await world.enter(page);
    const listening = page.waitForResponse((answer) => answer.url().endsWith(EVENTS));
    await open(page, '/profile/security');
    await listening;
    const field = page.getByRole('textbox', { name: 'Current password' });
    await field.fill('half a pass');
    await world.logIn(agents.safariOnIphone);
    await expect(news(page)).toContainText('New log-in: Safari on iPhone');
    await expect(field).toHaveValue('half a pass');
    await expect(field).toBeFocused();
    await news(page).getByRole('button', { name: 'It was me' }).click();
    await expect(news(page)).toHaveCount(0);
    await expect(field).toHaveValue('half a pass');
    await expect(page.locator('h1')).toBeFocused();
  });

  test('a page that came before the log-in and is shown after it tells of the device', async ({ page, world }) => {
    await world.enter(page);
    const listening = page.waitForResponse((answer) => answer.url().endsWith(EVENTS));
    await open(page, '/profile/security');
    await listening;
    // The server answers at once, and the page gets the answer after the log-in.
    await page.evaluate(() => {
      const send = window.fetch;
      const held = new Promise<void>((resolve) => addEventListener('let-go', () => resolve()));
      window.fetch = async (...request) => {
        const answer = await send(...request);
        if (answer.url.endsWith('/profile/activity')) await held;
        return answer;
      };
    });
    const answered = page.waitForResponse((answer) => answer.url().endsWith('/profile/activity'));
    await page.getByRole('main').getByRole('link', { name: 'Activity', exact: true }).click();
    await answered;
    await world.logIn(agents.safariOnIphone);
    await expect(news(page)).toContainText('New log-in: Safari on iPhone');
    await page.evaluate(() => dispatchEvent(new Event('let-go')));
    await expect(page).toHaveTitle('Activity · Latchkey');
    await expect(news(page)).toContainText('New log-in: Safari on iPhone');
  });

  test('without a connection the page stays and says so', async ({ page, context, world, watch }) => {
    watch.expect(/net::ERR_INTERNET_DISCONNECTED/);
    await world.enter(page);
    await world.logIn(agents.safariOnIphone);
    await open(page, '/profile/security');
    await context.setOffline(true);
    await news(page).getByRole('button', { name: 'It was me' }).click();
    await expect(page.getByText('This page cannot reach the server just now')).toBeVisible({ timeout: 20_000 });
    await expect(news(page)).toBeVisible();
    await context.setOffline(false);
    await expect(page.getByText('This page cannot reach the server just now')).toBeHidden({ timeout: 20_000 });
    await news(page).getByRole('button', { name: 'It was me' }).click();
    await expect(news(page)).toHaveCount(0);
  });

  test('a refusal in place leads to the page that says why', async ({ page, world, watch }) => {
    watch.expectStatus(404);
    await world.enter(page);
    await world.logIn(agents.safariOnIphone);
    await open(page, '/profile/security');
    await page.route('**/api/acknowledge_device**', (route) => route.continue({ postData: 'id=gone' }));
    await news(page).getByRole('button', { name: 'It was me' }).click();
    await arrive(page, '/profile/devices');
    await expect(page.getByRole('status')).toContainText('That device had already been logged out.');
  });
});
