import type { BrowserContext, Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { arrive, card, cards, dialog, open, openMenu, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';
import { World } from '../support/world.js';

const DEVICES = '/profile/devices';
const EVENTS = '/api/session_events';

test.describe('live', { tag: '@hydrated' }, () => {
  test('a revoked browser shows its log-out page by itself', async ({ page, world, anotherBrowser }) => {
    const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
    await world.enter(other, agents.firefoxOnWindows);
    await openListening(other, '/profile/security');
    await world.enter(page);
    await open(page, DEVICES);
    await revoke(page, 'Firefox on Windows');
    await expectLoggedOut(other, '/profile/security', 'Your device Chrome on Linux logged this one out');
    await sendLogIn(other, world.person);
    await arrive(other, '/profile/security');
  });

  test('the list of devices follows what happens elsewhere', async ({ page, world, anotherBrowser }) => {
    await world.enter(page);
    await openListening(page, DEVICES);
    await expect(cards(page)).toHaveCount(1);
    await expect(page.getByText('You’re not logged in anywhere else.')).toBeVisible();

    const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
    await world.enter(other, agents.firefoxOnWindows);
    await expect(card(page, 'Firefox on Windows')).toBeVisible();
    await expect(cards(page).first()).toContainText('This device');
    await expect(page.getByRole('status')).toHaveText('New log-in: Firefox on Windows.');
    await expect(page.getByText('You’re not logged in anywhere else.')).toBeHidden();
    await page.getByRole('status').getByRole('link', { name: 'New log-in: Firefox on Windows.' }).click();
    await expect(card(page, 'Firefox on Windows')).toBeFocused();
    await world.logIn(agents.safariOnIphone);
    await expect(page.getByRole('button', { name: 'Revoke all other devices (2)' })).toBeVisible();

    await open(other, DEVICES);
    await card(other, 'Firefox on Windows').getByRole('button', { name: 'Log out' }).click();
    await arrive(other, '/login');
    await expect(cards(page)).toHaveCount(2);
    await expect(page.getByRole('button', { name: 'Revoke all other devices (1)' })).toBeVisible();
    await expect(page.getByRole('status')).toHaveText('Firefox on Windows is no longer logged in.');
  });

  test('the list changes under an open question, and the focus stays', async ({ page, world }) => {
    await world.logIn(agents.firefoxOnWindows);
    await world.enter(page);
    await openListening(page, DEVICES);
    await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
    const question = dialog(page, 'Revoke Firefox on Windows?');
    const cancel = question.getByRole('button', { name: 'Cancel' });
    await expect(cancel).toBeFocused();
    await world.logIn(agents.safariOnIphone);
    await expect(page.locator('article', { hasText: 'Safari on iPhone' })).toBeAttached();
    await expect(question).toBeVisible();
    await expect(cancel).toBeFocused();
    await question.getByRole('button', { name: 'Revoke' }).click();
    await expect(page.getByRole('status')).toHaveText('Firefox on Windows was logged out.');
    await expect(cards(page)).toHaveCount(2);
    // A card that appeared by itself can be revoked like the others.
    await revoke(page, 'Safari on iPhone');
    await expect(page.getByRole('status')).toHaveText('Safari on iPhone was logged out.');
    await expect(cards(page)).toHaveCount(1);
  });

  test('tabs share one stream, and the next takes it over', async ({ page, context, world }) => {
    const streams = countStreams(context);
    await world.enter(page);
    await openListening(page, DEVICES);
    const [second, third] = [await context.newPage(), await context.newPage()];
    await open(second, DEVICES);
    await open(third, '/profile/security');
    await world.logIn(agents.firefoxOnWindows);
    for (const tab of [page, second]) await expect(card(tab, 'Firefox on Windows')).toBeVisible();
    expect(streams()).toBe(1);

    const takenOver = second.waitForResponse((answer) => answer.url().endsWith(EVENTS));
    await page.close();
    await takenOver;
    await world.logIn(agents.safariOnIphone);
    await expect(card(second, 'Safari on iPhone')).toBeVisible();
    expect(streams()).toBe(2);
    await world.endAllSessions();
    await expectLoggedOut(second, DEVICES, 'An administrator logged you out');
    await expectLoggedOut(third, '/profile/security', 'An administrator logged you out');
  });

  test('what one node does is seen at another', async ({ page, world, watch, startServer, anotherBrowser }) => {
    const node = await startServer();
    const there = new World(node, world.name, world.person);
    const other = await anotherBrowser({ baseURL: there.origin, userAgent: agents.firefoxOnWindows });
    await world.enter(page);
    await openListening(page, DEVICES);
    await there.enter(other, agents.firefoxOnWindows);
    await openListening(other, DEVICES);
    await expect(card(page, 'Firefox on Windows')).toBeVisible();
    await there.logIn(agents.safariOnIphone);
    await expect(card(page, 'Safari on iPhone')).toBeVisible();
    await revoke(page, 'Safari on iPhone');
    await expect(card(other, 'Safari on iPhone')).toBeHidden();

    await revoke(page, 'Firefox on Windows');
    await expectLoggedOut(other, DEVICES, 'Your device Chrome on Linux logged this one out');
    watch.expectStatus(401);
    expect(await other.evaluate(async () => (await fetch('/api/list_devices')).status)).toBe(401);

    // A stopping node does not wait for open pages, and the pages find the node again.
    watch.expect(/ERR_CONNECTION_REFUSED/);
    await sendLogIn(other, world.person);
    const listening = other.waitForResponse((answer) => answer.url().endsWith(EVENTS));
    await arrive(other, DEVICES);
    await listening;
    await node.stop();
  });

  test('a page that logs out before it listens gives up listening', async ({ page, world }) => {
    await world.enter(page);
    // The stream reaches the server after the end of the session, and before the next page comes.
    let listen = () => {};
    const loggedOut = new Promise<void>((resolve) => (listen = resolve));
    await page.route(`**${EVENTS}`, async (route) => {
      await loggedOut;
      await route.continue();
    });
    const asked = page.waitForRequest((request) => request.url().endsWith(EVENTS));
    await open(page, DEVICES);
    const over = (await asked).response().catch(() => null);
    await page.route('**/api/log_out', async (route) => {
      await world.endAllSessions();
      listen();
      await over;
      await route.continue();
    });
    await card(page, 'Chrome on Linux').getByRole('button', { name: 'Log out' }).click();
    await arrive(page, '/login');
    expect(await over, 'no answer to the stream').toBeNull();
  });

  for (const path of ['/', DEVICES]) {
    test(`a page that logs out reads no more changes: ${path}`, async ({ page, world }) => {
      await world.enter(page);
      await openListening(page, path);
      const read: string[] = [];
      page.on('request', (request) => {
        if ('x-latchkey-background' in request.headers()) read.push(request.url());
      });
      // A change comes with the click. The page reads changes after a pause of 150 ms.
      const over = page.waitForEvent('console', (message) => message.text() === 'pause over');
      await page.evaluate(() =>
        addEventListener('submit', () => {
          dispatchEvent(new Event('devices'));
          setTimeout(() => console.info('pause over'), 450);
        }),
      );
      await page.route('**/api/log_out', async (route) => {
        read.length = 0;
        await world.endAllSessions();
        await over;
        await route.continue();
      });
      const menu = await openMenu(page, world.person);
      await menu.getByRole('button', { name: 'Log out' }).click();
      await arrive(page, '/login');
      expect(read).toEqual([]);
    });
  }

  test('a page that logs out before script has taken over does not begin to listen', async ({ page, world }) => {
    await world.enter(page);
    let takeOver = () => {};
    const sent = new Promise<void>((resolve) => (takeOver = resolve));
    await page.route(/\/assets\/.*\.wasm$/, async (route) => {
      await sent;
      await route.continue();
    });
    const asked: string[] = [];
    page.on('request', (request) => {
      if ('x-latchkey-background' in request.headers() || request.url().endsWith(EVENTS)) asked.push(request.url());
    });
    const over = page.waitForEvent('console', (message) => message.text() === 'pause over');
    await page.addInitScript(() =>
      new MutationObserver(() => {
        if ('hydrated' in document.documentElement.dataset) setTimeout(() => console.info('pause over'), 450);
      }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-hydrated'] }),
    );
    await page.route('**/api/log_out', async (route) => {
      asked.length = 0;
      takeOver();
      await over;
      await route.continue();
    });
    await page.goto(DEVICES, { waitUntil: 'domcontentloaded' });
    await card(page, 'Chrome on Linux').getByRole('button', { name: 'Log out' }).click();
    await arrive(page, '/login');
    expect(asked).toEqual([]);
  });

  test('a page that could not listen finds out when it is back online', async ({ page, context, world, watch }) => {
    watch.expect(/ERR_INTERNET_DISCONNECTED/);
    watch.expectStatus(401);
    await world.enter(page);
    await openListening(page, '/');
    await context.setOffline(true);
    await world.endAllSessions();
    await context.setOffline(false);
    await expectLoggedOut(page, '/', 'An administrator logged you out');
  });
});

/** Opens an address, and waits until its stream is also open. */
async function openListening(page: Page, path: string): Promise<void> {
  const listening = page.waitForResponse((answer) => answer.url().endsWith(EVENTS));
  await open(page, path);
  expect((await listening).status()).toBe(200);
}

async function revoke(page: Page, device: string): Promise<void> {
  await card(page, device).getByRole('button', { name: 'Revoke' }).click();
  await dialog(page, `Revoke ${device}?`).getByRole('button', { name: 'Revoke' }).click();
}

async function expectLoggedOut(page: Page, from: string, why: string): Promise<void> {
  await arrive(page, from === '/' ? '/login' : `/login?next=${from}`);
  await expect(page.getByRole('status')).toContainText(why);
}

function countStreams(context: BrowserContext): () => number {
  let count = 0;
  context.on('request', (request) => {
    if (request.url().endsWith(EVENTS) && request.method() === 'GET') count += 1;
  });
  return () => count;
}
