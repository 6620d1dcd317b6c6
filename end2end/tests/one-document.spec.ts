// From one page of the person to another no document is loaded: the bar, the watch and the stream of events stay.

import type { Page, Response } from '@playwright/test';

import { agents } from '../support/agents.js';
import { arrive, card, cards, open, openMenu, password } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const EVENTS = '/api/session_events';

/** Marks the document, so that a new one is noticed. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute('data-marked', ''));
}

async function isNewDocument(page: Page): Promise<void> {
  await expect(page.locator('html[data-marked]')).toHaveCount(0);
}

/** Whether an answer updates the list of devices. */
function isUpdate(answer: Response): boolean {
  return answer.request().headers()['x-latchkey-background'] !== undefined && answer.url().endsWith('/api/device_overview');
}

async function isSameDocument(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.hasAttribute('data-marked'));
}

/** Follows a link to a tab, and waits for the page by its title: the address changes before. */
async function follow(page: Page, tab: string): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: tab, exact: true }).click();
  await at(page, tab);
}

async function at(page: Page, title: string): Promise<void> {
  await expect(page).toHaveTitle(`${title} · Latchkey`);
}

test.describe('one document', { tag: '@hydrated' }, () => {
  test('pages change in the document, with title and focus, over one stream', async ({ page, world }) => {
    let streams = 0;
    page.on('request', (request) => {
      if (request.url().includes(EVENTS)) streams += 1;
    });
    await world.enter(page);
    await open(page, '/profile/security');
    await expect.poll(() => streams).toBe(1);
    await mark(page);
    for (const tab of ['Devices', 'Activity', 'Security', 'Devices']) {
      await follow(page, tab);
      await expect(page.locator('h1')).toBeFocused();
    }
    await page.getByRole('banner').getByRole('link').first().click();
    await at(page, 'Home');
    await expect(page).toHaveURL('/');
    expect(await isSameDocument(page)).toBe(true);
    expect(streams).toBe(1);
  });

  test('the islands of a page that came in place work, and once', async ({ page, world }) => {
    await world.enter(page);
    await world.logIn(agents.firefoxOnWindows);
    await open(page, '/profile/security');
    await mark(page);
    for (let visit = 0; visit < 3; visit += 1) {
      await follow(page, 'Devices');
      await follow(page, 'Security');
    }
    const opened = page.waitForResponse(isUpdate);
    await follow(page, 'Devices');
    await opened;
    await expect(cards(page)).toHaveCount(2);
    let lists = 0;
    page.on('response', (response) => {
      if (isUpdate(response)) lists += 1;
    });
    await world.logIn(agents.safariOnIphone);
    await expect(card(page, 'Safari on iPhone')).toBeVisible();
    expect(lists).toBe(1);
    await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await expect(cards(page)).toHaveCount(2);
    expect(await isSameDocument(page)).toBe(true);
  });

  test('Back and Forward restore page and scroll position', async ({ page, world }) => {
    await world.enter(page);
    for (let count = 0; count < 12; count += 1) await world.logIn(agents.firefoxOnWindows);
    await open(page, '/profile/devices');
    await mark(page);
    await page.evaluate(() => scrollTo(0, 400));
    await page.getByRole('link', { name: 'Activity', exact: true }).dispatchEvent('click');
    await at(page, 'Activity');
    await page.goBack();
    await at(page, 'Devices');
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(400);
    await page.goForward();
    await at(page, 'Activity');
    expect(await isSameDocument(page)).toBe(true);
  });

  test('the menu closes when one of its links is followed', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/');
    await mark(page);
    const menu = await openMenu(page, world.person);
    await menu.getByRole('link', { name: 'My Profile' }).click();
    await at(page, 'Profile');
    await expect(menu).toBeHidden();
    expect(await isSameDocument(page)).toBe(true);
  });

  test('another version of the front end is loaded as a document', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/');
    await mark(page);
    // As if this page were of an older version.
    await page.locator('link[rel=modulepreload]').evaluate((link: HTMLLinkElement) => (link.href += '?older'));
    await page.getByRole('banner').getByRole('button').click();
    await page.getByRole('link', { name: 'My Profile' }).click();
    await arrive(page, '/profile');
    await isNewDocument(page);
  });

  test('a session that has ended leads to the log-in page, which says why', async ({ page, world, watch }) => {
    watch.expect(/net::ERR_FAILED/);
    await world.enter(page);
    // The page does not hear of the end.
    await page.route(`**${EVENTS}`, (route) => route.abort());
    await open(page, '/profile/security');
    await mark(page);
    await world.endAllSessions();
    await page.getByRole('main').getByRole('link', { name: 'Devices', exact: true }).click();
    await expect(page).toHaveURL(/\/login/);
    await expect(page.locator('.notice[role=status]')).toBeVisible();
    await isNewDocument(page);
  });

  test('a browser without the Navigation API loads documents', async ({ page, world }) => {
    await page.addInitScript(() => Reflect.deleteProperty(window, 'navigation'));
    await page.addInitScript(() => Object.defineProperty(window, 'navigation', { value: undefined }));
    await world.enter(page);
    await open(page, '/profile/security');
    await mark(page);
    await follow(page, 'Devices');
    await isNewDocument(page);
  });

  test('a link asks for its page when it is pressed, and the click uses the answer', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/profile/security');
    await mark(page);
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/profile/activity')) asked += 1;
    });
    const link = page.getByRole('main').getByRole('link', { name: 'Activity', exact: true });
    await link.hover();
    const answered = page.waitForResponse('**/profile/activity');
    await page.mouse.down();
    await answered;
    await expect(page).toHaveURL('/profile/security');
    await page.mouse.up();
    await at(page, 'Activity');
    expect(asked).toBe(1);
    expect(await isSameDocument(page)).toBe(true);
  });

  test('a page that is slow to come is announced, and the last of two clicks wins', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/profile/security');
    await mark(page);
    const held: (() => void)[] = [];
    await page.route('**/profile/devices', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    const tabs = page.getByRole('main');
    await tabs.getByRole('link', { name: 'Devices', exact: true }).click();
    await expect(page.locator('main[aria-busy]')).toBeVisible();
    await follow(page, 'Activity');
    await expect(page.locator('main[aria-busy]')).toHaveCount(0);
    for (const release of held) release();
    await expect(page).toHaveURL('/profile/activity');
    expect(await isSameDocument(page)).toBe(true);
  });

  test('what is typed and not sent is asked about before it is left', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/profile/security');
    await mark(page);
    const field = password(page, 'Current password');
    await field.fill('half a passw');
    const questions: string[] = [];
    let answer = false;
    page.on('dialog', async (dialog) => {
      questions.push(dialog.type());
      await (answer ? dialog.accept() : dialog.dismiss());
    });
    const link = page.getByRole('main').getByRole('link', { name: 'Devices', exact: true });
    await link.click();
    await expect(page).toHaveURL('/profile/security');
    await expect(field).toHaveValue('half a passw');
    answer = true;
    await link.click();
    await at(page, 'Devices');
    expect(questions).toEqual(['confirm', 'confirm']);
    expect(await isSameDocument(page)).toBe(true);
    // Nothing is typed here: neither a link nor a new document asks.
    await follow(page, 'Activity');
    await page.reload();
    expect(questions).toHaveLength(2);
  });

  test('what the server has not taken is asked about before it is left', async ({ page, context, world, watch }) => {
    watch.expect(/ERR_INTERNET_DISCONNECTED/);
    watch.expectStatus(422);
    await world.enter(page);
    await open(page, '/profile');
    const name = page.getByRole('textbox', { name: 'Name' });
    const save = page.getByRole('button', { name: 'Save name' });
    const link = page.getByRole('main').getByRole('link', { name: 'Devices', exact: true });
    let questions = 0;
    page.on('dialog', async (dialog) => {
      questions += 1;
      await dialog.dismiss();
    });
    await name.fill('Ada Augusta');
    await context.setOffline(true);
    await save.click();
    await expect(page.getByRole('alert').filter({ hasText: 'The server cannot be reached' })).toBeVisible();
    await context.setOffline(false);
    await link.click();
    await expect.poll(() => questions).toBe(1);
    await name.fill('x'.repeat(101));
    await save.click();
    await expect(page.getByText('The name may have at most 100 characters.')).toBeVisible();
    await link.click();
    await expect.poll(() => questions).toBe(2);
    await expect(name).toHaveValue('x'.repeat(101));
    // What the server has taken is not asked about.
    await name.fill('Ada Augusta');
    await save.click();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect(page.getByRole('button', { name: /Ada Augusta/ })).toBeVisible();
    await link.click();
    await at(page, 'Devices');
    expect(questions).toBe(2);
  });

  test('the browser asks before it leaves the document with what is typed', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/profile/security');
    await password(page, 'Current password').pressSequentially('half');
    const asked = page.waitForEvent('dialog');
    const reloaded = page.reload().catch(() => null);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.accept();
    await reloaded;
  });

  test('an error of the server, and an answer from elsewhere, come as documents', async ({ page, world, watch }) => {
    watch.expectStatus(503);
    await world.enter(page);
    for (const answer of [{ status: 503, body: 'Busy' }, { status: 200, contentType: 'text/html', body: '<h1>Wi-Fi</h1>' }]) {
      await open(page, '/profile/security');
      await page.route('**/profile/activity', (route) => route.fulfill(answer));
      await page.getByRole('main').getByRole('link', { name: 'Activity', exact: true }).click();
      await expect(page.getByText(/^(Busy|Wi-Fi)$/)).toBeVisible();
      await expect(page).toHaveURL('/profile/activity');
      await page.unrouteAll();
    }
  });

  test('the files for after the log-in come while the log-in page waits', async ({ page }) => {
    const files: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/assets/logged-in.')) files.push(request.url());
    });
    await open(page, '/login');
    await expect.poll(() => files.length).toBe(2);
  });
});
