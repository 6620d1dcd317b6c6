// Browser extensions and translators change pages, perhaps before script hydrates them.

import type { BrowserContext, Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { arrive, card, cards, dialog, open, password, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const DEVICES = '/profile/devices';
const NOTICE = 'This page does not update itself';

test.describe('changed before script runs', { tag: '@hydrated' }, () => {
  for (const when of ['while the page loads', 'once the page is there'] as const) {
    test(`${when}, the page is taken over all the same`, async ({ page, context, world, watch }) => {
      watch.expectStatus(401);
      await changePages(context, when);
      await open(page, '/login');
      await expect(page.getByText(NOTICE)).toBeHidden();
      const posts = countPosts(page);
      await sendLogIn(page, { ...world.person, password: 'wrong' });
      await expect(page.getByRole('alert')).toHaveText('Username, email or password is wrong.');
      await password(page).fill(world.person.password);
      await page.getByRole('button', { name: 'Log in' }).dblclick();
      await arrive(page, '/');
      expect(posts()).toBe(2);

      await world.logIn(agents.firefoxOnWindows);
      await open(page, DEVICES);
      await expect(page.getByText(NOTICE)).toBeHidden();
      await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
      await dialog(page, 'Revoke Firefox on Windows?').getByRole('button', { name: 'Revoke' }).click();
      await expect(page.getByRole('status')).toHaveText('Firefox on Windows was logged out.');
      await expect(page).toHaveURL(DEVICES);
    });
  }

  test('where script fails, the page says so once, and is as without script', async ({ page, context, world, watch }) => {
    watch.expect(/panicked at|unreachable|RuntimeError|hydrat/i);
    watch.expectStatus(401);
    // This extension runs first, and its changes cannot be observed.
    await context.addInitScript(() => {
      MutationObserver.prototype.observe = () => {};
    });
    // The changes come before script runs, because they do not harm a hydrated page.
    await changePages(context, 'while the page loads');
    await page.goto('/login');
    await expectAsWithoutScript(page);
    await sendLogIn(page, { ...world.person, password: 'wrong' });
    await expect(page.getByRole('alert')).toHaveText('Username, email or password is wrong.');
    await expect(page).toHaveURL(/\/login/);
    await expectAsWithoutScript(page);
    await sendLogIn(page, world.person);
    await expect(page).toHaveURL('/');

    await world.logIn(agents.firefoxOnWindows);
    await page.goto(DEVICES);
    await expectAsWithoutScript(page);
    const posts = countPosts(page);
    await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
    await expect(page).toHaveURL(/\?revoke=/);
    await expectAsWithoutScript(page);
    await dialog(page, 'Revoke Firefox on Windows?').getByRole('button', { name: 'Revoke' }).click();
    await expect(page.getByRole('status')).toHaveText('The device was logged out.');
    await expect(cards(page)).toHaveCount(1);
    expect(posts()).toBe(1);
  });

  test('where page and script are of different builds, the page says so', async ({ page, world, watch }) => {
    watch.expect(/is not a function/);
    await world.enter(page);
    await open(page, '/');
    const devices = await page.evaluate(async (path) => (await fetch(path)).text(), DEVICES);
    const body = devices.replaceAll('data-component="DeviceBoard_', 'data-component="OtherBoard_');
    await page.route(`**${DEVICES}`, (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(DEVICES);
    await expectAsWithoutScript(page);
  });

  test('where script is kept away, the page says so', async ({ page, watch }) => {
    watch.expect(/net::ERR_FAILED/, /Failed to fetch dynamically imported module/);
    await page.route(/\/assets\/.*\.js$/, (route) => route.abort());
    await page.goto('/login');
    await expectAsWithoutScript(page);
  });

  // Firefox stops loading as soon as a person leaves, long before the next page is there.
  test('a page that is being left does not say at once that its script did not start', async ({ page, watch }) => {
    watch.expect(/net::ERR_FAILED/, /Failed to fetch dynamically imported module/);
    await page.clock.install();
    // As if the person had left before the script came.
    await page.addInitScript(() => {
      document.addEventListener('readystatechange', () => dispatchEvent(new Event('beforeunload')));
    });
    await page.route(/\/assets\/.*\.js$/, (route) => route.abort());
    await page.goto('/login');
    let seconds = 0;
    const isSaid = async (): Promise<boolean> => {
      seconds += 1;
      await page.clock.runFor(1_000);
      return page.getByText(NOTICE).isVisible();
    };
    await expect.poll(isSaid, { intervals: [50] }).toBe(true);
    expect(seconds).toBeGreaterThan(5);
  });

  test('script that dies later leaves the page to the browser', async ({ page, world, watch }) => {
    watch.expect(/unreachable/);
    await world.enter(page);
    await open(page, DEVICES);
    await page.evaluate(() => {
      setTimeout(() => {
        throw new WebAssembly.RuntimeError('unreachable');
      });
    });
    await expectAsWithoutScript(page);
    await expect(page.locator('html[data-hydrated]')).not.toBeAttached();
  });
});

async function expectAsWithoutScript(page: Page): Promise<void> {
  await expect(page.getByText(NOTICE)).toHaveCount(1);
  await expect(page.getByText(NOTICE)).toBeVisible();
  await expect(page.locator('html[data-hydrated]')).not.toBeAttached();
  await expect(page.getByRole('button', { name: 'Show password' })).toBeHidden();
}

/** Adds an element before each element in an island, and puts texts into elements, as a translator does. */
async function changePages(context: BrowserContext, when: 'while the page loads' | 'once the page is there'): Promise<void> {
  await context.addInitScript((early) => {
    const change = (): void => {
      for (const element of document.querySelectorAll('leptos-island *:not(option, path, [data-foreign])')) {
        if (element.previousElementSibling?.hasAttribute('data-foreign')) continue;
        const foreign = document.createElement('span');
        foreign.dataset.foreign = '';
        element.before(foreign);
        for (const node of element.childNodes) {
          if (node.nodeType !== Node.TEXT_NODE) continue;
          const font = document.createElement('font');
          font.dataset.foreign = '';
          node.replaceWith(font);
          font.append(node);
        }
      }
    };
    document.addEventListener('DOMContentLoaded', change);
    if (early) document.addEventListener('readystatechange', change, { once: true, capture: true });
  }, when === 'while the page loads');
}

function countPosts(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST') count += 1;
  });
  return () => count;
}
