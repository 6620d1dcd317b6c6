import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { countSessions } from '../support/database.js';
import { arrive, card, cards, dialog, hasScript, open, profileButton, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const DEVICES = '/profile/devices';

test('every kind of device is told by words', async ({ page, world }) => {
  await world.logIn(agents.safariOnIphone);
  await world.logIn(agents.chromeOnAndroidTablet);
  await world.logIn('');
  await world.logIn(agents.curl);
  await world.logIn(agents.googlebot);
  await world.enter(page);
  await open(page, DEVICES);
  await expect(cards(page)).toHaveCount(6);
  await expect(cards(page).first().getByRole('img', { name: 'Computer' })).toBeVisible();
  await expect(card(page, 'Safari on iPhone').getByRole('img', { name: 'Phone' })).toBeVisible();
  await expect(card(page, 'Chrome on Android tablet').getByRole('img', { name: 'Tablet' })).toBeVisible();
  await expect(card(page, 'Unknown browser').getByRole('img', { name: 'Device' })).toBeVisible();
  await expect(card(page, 'curl').getByRole('img', { name: 'Program' })).toBeVisible();
  await expect(card(page, 'Googlebot').getByRole('img', { name: 'Bot' })).toBeVisible();
  // Each kind has a picture of its own.
  const pictures = await cards(page).locator('.device__icon path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
  expect(new Set(pictures).size).toBe(6);
});

test('all other devices are revoked at once, and this one stays', async ({ page, world }) => {
  for (const agent of [agents.firefoxOnWindows, agents.safariOnIphone, agents.chromeOnAndroidTablet]) {
    await world.logIn(agent);
  }
  await world.enter(page);
  await open(page, DEVICES);
  await page.getByRole('button', { name: 'Revoke all other devices (3)' }).click();
  const question = dialog(page, 'Revoke all other devices?');
  await expect(question).toContainText('3 devices will be logged out right away. You stay logged in here.');
  await question.getByRole('button', { name: 'Revoke all other devices' }).click();
  await expect(page.getByRole('status')).toHaveText('3 other devices were logged out.');
  await expect(cards(page)).toHaveCount(1);
  await expect(page.getByText('You’re not logged in anywhere else.')).toBeVisible();
  await open(page, DEVICES);
  await expect(cards(page)).toHaveCount(1);
  expect(await countSessions(world.name)).toBe(1);
});

test('of more devices than are listed the page says how many, and revokes them all', async ({ page, world }) => {
  for (let count = 0; count < 103; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, DEVICES);
  await expect(cards(page)).toHaveCount(11);
  await page.getByRole('link', { name: 'Show 90 more' }).click();
  await expect(cards(page)).toHaveCount(101);
  await expect(page.getByText('3 more devices are logged in.')).toBeVisible();

  await card(page, 'Firefox on Windows').first().getByRole('button', { name: 'Revoke' }).click();
  await dialog(page, 'Revoke Firefox on Windows?').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('2 more devices are logged in.')).toBeVisible();
  if (hasScript()) {
    // A device that moves up is no news.
    await expect(page.getByRole('status')).toHaveText('Firefox on Windows was logged out.');
    const search = page.getByRole('searchbox', { name: 'Search devices' });
    await search.fill('no such device');
    await expect(page.getByText('None of the devices shown here matches “no such device”.')).toBeVisible();
    await search.fill('');
  }

  await page.getByRole('button', { name: 'Revoke all other devices (102)' }).click();
  const question = dialog(page, 'Revoke all other devices?');
  await expect(question).toContainText('102 devices will be logged out right away.');
  await question.getByRole('button', { name: 'Revoke all other devices' }).click();
  await expect(page.getByRole('status')).toHaveText('102 other devices were logged out.');
  await expect(cards(page)).toHaveCount(1);
  await expect(page.getByText('more devices are logged in.')).toBeHidden();
  expect(await countSessions(world.name)).toBe(1);
});

test('a list of buttons tells the devices apart', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, '/profile/devices');
  const other = card(page, 'Firefox on Windows');
  await expect(other.getByText('Revoke')).toHaveAccessibleName('Revoke Firefox on Windows');
  await expect(other.getByText('Rename')).toHaveAccessibleName('Rename Firefox on Windows');
  await expect(profileButton(page, world.person)).toHaveAccessibleName(`Account menu, ${world.person.name}`);
});

test('headings tell the marks, and the facts of a card are one list of terms', async ({ page, world }) => {
  await world.enter(page);
  await world.logIn(agents.firefoxOnWindows);
  await open(page, DEVICES);
  await expect(page.getByRole('heading', { name: 'Chrome on Linux This device', level: 2, exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Firefox on Windows New', level: 3, exact: true })).toBeVisible();
  const other = card(page, 'Firefox on Windows');
  await expect(other).toHaveAccessibleName('Firefox on Windows');
  await expect(other.getByRole('list')).toHaveCount(0);
  await expect(other.getByRole('term')).toHaveText(['Activity', 'Address']);
  const facts = other.getByRole('definition');
  await expect(facts).toHaveText(['Active now', /^Logged in today at /, 'Local network', '127.0.0.1']);
  await other.getByText('Details').click();
  await expect(other.getByRole('term')).toHaveText(['Activity', 'Address', 'Browser']);
  await expect(facts.filter({ visible: true })).toHaveCount(7);
  await expect(facts.last()).toHaveText('Firefox 145.0');
});

test('cancelling changes nothing', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, DEVICES);
  await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
  const question = dialog(page, 'Revoke Firefox on Windows?');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await expect(cards(page)).toHaveCount(2);
  expect(await countSessions(world.name)).toBe(2);
});

test('revoking what has ended meanwhile is a quiet success', async ({ page, world, anotherBrowser }) => {
  const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await world.enter(other, agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, DEVICES);
  await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
  const question = dialog(page, 'Revoke Firefox on Windows?');
  await expect(question).toBeVisible();

  await open(other, DEVICES);
  await card(other, 'Firefox on Windows').getByRole('button', { name: 'Log out' }).click();
  await arrive(other, '/login');

  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('status')).toContainText('logged out.');
  await expect(cards(page)).toHaveCount(1);
  await expect(page.getByRole('alert')).toBeHidden();
});

test('the question has an address of its own', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, `${DEVICES}?revoke=others`);
  const question = dialog(page, 'Revoke all other devices?');
  await expect(question).toContainText('1 device will be logged out right away.');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  // Without script, Cancel is a form without a field.
  await expect(page).toHaveURL(hasScript() ? DEVICES : `${DEVICES}?`);

  await open(page, `${DEVICES}?revoke=others`);
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('status')).toHaveText('1 other device was logged out.');
  await expect(page).toHaveURL(DEVICES);

  await open(page, `${DEVICES}?revoke=0190a6e0-7c3e-7000-8000-000000000001`);
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('status')).toHaveText('That device had already been logged out.');
});

test('a double click on Revoke revokes once', { tag: '@hydrated' }, async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.logIn(agents.safariOnIphone);
  await world.enter(page);
  await open(page, DEVICES);
  const posts: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
  await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
  await dialog(page, 'Revoke Firefox on Windows?').getByRole('button', { name: 'Revoke' }).dblclick();
  await expect(page.getByRole('status')).toHaveText('Firefox on Windows was logged out.');
  await expect(cards(page)).toHaveCount(2);
  expect(posts).toEqual([`${world.origin}/api/revoke_device`]);
});

test('a device that is revoked while its page is open, and hears nothing of it, logs in again and goes on', async ({
  page,
  world,
  anotherBrowser,
}) => {
  const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await makeDeaf(other);
  await world.enter(other, agents.firefoxOnWindows);
  await open(other, '/profile/security');

  await world.enter(page);
  await open(page, DEVICES);
  await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
  await dialog(page, 'Revoke Firefox on Windows?').getByRole('button', { name: 'Revoke' }).click();
  await expect(cards(page)).toHaveCount(1);

  await other.getByRole('navigation', { name: 'My Profile' }).getByRole('link', { name: 'Devices' }).click();
  await arrive(other, `/login?next=${DEVICES}`);
  await expect(other.getByRole('status')).toContainText('Your device Chrome on Linux logged this one out');
  await sendLogIn(other, world.person);
  await arrive(other, DEVICES);
});

test('a form that a revoked device sends leads to the log-in page and back', async ({ page, world, watch }) => {
  watch.expectStatus(401);
  await makeDeaf(page);
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, DEVICES);
  await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
  const question = dialog(page, 'Revoke Firefox on Windows?');
  await expect(question).toBeVisible();

  await world.endAllSessions();
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(page).toHaveURL(/\/login(\?|$)/);
  await expect(page.getByRole('status')).toContainText('An administrator logged you out');
});

/**
 * Leaves the page's request for events without an answer. Then only the next request shows that the session has ended. A
 * failed request would not do: the page would ask the server whether the session lives.
 */
async function makeDeaf(page: Page): Promise<void> {
  await page.route('**/api/session_events', () => {});
}

test('a long list is searched by name, address and place', { tag: '@hydrated' }, async ({ page, world }) => {
  for (let count = 0; count < 11; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.logIn(agents.safariOnIphone);
  await world.enter(page);
  await open(page, DEVICES);
  const search = page.getByRole('searchbox', { name: 'Search devices' });
  await search.fill('IPHONE');
  await expect(card(page, 'Safari on iPhone')).toBeVisible();
  await expect(cards(page)).toHaveCount(2);
  await expect(page.getByText('1 device matches.')).toBeVisible();
  await search.fill('no such device');
  await expect(page.getByText('No device matches “no such device”.')).toBeVisible();
  await search.fill('127.0.0.1');
  await expect(cards(page)).toHaveCount(11);
  await expect(page.getByRole('link', { name: 'Show 2 more' })).toBeVisible();
});

test('what a long list offers stays when the list gets shorter', { tag: '@hydrated' }, async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  for (let count = 0; count < 10; count += 1) await world.logIn(agents.safariOnIphone);
  await world.enter(page);
  await open(page, DEVICES);
  const search = page.getByRole('searchbox');
  await search.fill('firefox');
  await expect(cards(page)).toHaveCount(2);
  await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
  await dialog(page, 'Revoke Firefox on Windows?').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('heading', { name: 'Other devices (10)' })).toBeVisible();
  await search.fill('');
  await expect(cards(page)).toHaveCount(11);
});

test('a search has a button', { tag: '@no-javascript' }, async ({ page, world }) => {
  for (let count = 0; count < 11; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.logIn(agents.safariOnIphone);
  await world.enter(page);
  await open(page, DEVICES);
  await page.getByRole('searchbox', { name: 'Search devices' }).fill('iphone');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(cards(page)).toHaveCount(2);
});

test('a form without a tick says what to do', { tag: '@no-javascript' }, async ({ page, world }) => {
  for (let count = 0; count < 11; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, DEVICES);
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  await expect(page.getByRole('status')).toHaveText('Tick the devices that you want to revoke.');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('ticked devices of a long list are revoked at once', async ({ page, world }) => {
  for (let count = 0; count < 11; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, DEVICES);
  const boxes = page.getByRole('checkbox', { name: 'Firefox on Windows' });
  await expect(boxes).toHaveCount(10);
  for (const number of [0, 3, 7]) await boxes.nth(number).check();
  await boxes.nth(3).uncheck();
  await page.getByRole('button', { name: hasScript() ? 'Revoke selected (2)' : 'Revoke selected', exact: true }).click();
  const question = dialog(page, 'Revoke the selected devices (2)?');
  await expect(question).toContainText('2 devices will be logged out right away. You stay logged in here.');
  await expect(question.getByRole('listitem').filter({ hasText: 'Firefox on Windows' })).toHaveCount(2);
  await question.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('2 other devices were logged out.');
  await expect(cards(page)).toHaveCount(10);
  // A short list has no boxes, but an open page keeps what it has offered.
  await expect(boxes).toHaveCount(hasScript() ? 9 : 0);
  await expect(page.getByRole('button', { name: 'Revoke selected' })).toBeHidden();
  expect(await countSessions(world.name)).toBe(10);
  await open(page, '/profile/activity');
  await expect(page.getByText('2 devices were logged out by Chrome on Linux')).toHaveCount(1);
});

test('the floating button is in the way of neither clicks nor the focus', { tag: '@hydrated' }, async ({ page, world }) => {
  for (let count = 0; count < 11; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await page.setViewportSize({ width: 390, height: 700 });
  await open(page, DEVICES);
  await page.getByRole('checkbox', { name: 'Firefox on Windows' }).first().focus();
  await page.keyboard.press('Space');
  const button = page.getByRole('button', { name: 'Revoke selected (1)' });
  await expect(button).toBeVisible();
  const beside = await button.evaluate((element) => {
    const { left, top, height } = element.getBoundingClientRect();
    return document.elementFromPoint(left - 20, top + height / 2)?.closest('.devices-said') ?? null;
  });
  expect(beside).toBeNull();
  for (let stop = 0; stop < 30; stop += 1) {
    await page.keyboard.press('Tab');
    const covered = await page.evaluate(() => {
      const focused = document.activeElement!;
      const { left, top, width, height } = focused.getBoundingClientRect();
      const seen = document.elementFromPoint(left + width / 2, top + height / 2)?.closest('.devices-selected');
      return seen && !seen.contains(focused) ? focused.outerHTML : null;
    });
    expect(covered).toBeNull();
  }
});

test.describe('in German', () => {
  test.use({ locale: 'de', viewport: { width: 320, height: 640 } });

  test('the longest mark stays in its card on a narrow phone', { tag: '@hydrated' }, async ({ page, world }) => {
    const fields = { database: world.name, ...world.person, shared_computer: 'on' };
    await world.server.post(world.name, '/api/log_in', fields, { 'user-agent': agents.firefoxOnWindows });
    await world.enter(page);
    await open(page, DEVICES);
    const other = card(page, 'Firefox auf Windows');
    await expect(other.getByText('Gemeinsam genutzter Computer')).toBeVisible();
    const beyond = await other.evaluate((element) => {
      const inner = element.getBoundingClientRect().right - parseFloat(getComputedStyle(element).paddingRight);
      return [...element.querySelectorAll('.badge, .button')].map((part) => part.getBoundingClientRect().right - inner);
    });
    expect(Math.max(...beyond)).toBeLessThanOrEqual(1);
  });
});

test('a long list is filtered by what was not used for 30 days', { tag: '@hydrated' }, async ({ page, world }) => {
  for (let count = 0; count < 11; count += 1) await world.logIn(agents.firefoxOnWindows);
  await world.logIn(agents.safariOnIphone);
  await world.enter(page);
  await open(page, DEVICES);
  const filter = page.getByRole('link', { name: 'Not used for 30 days' });
  await expect(page.getByRole('searchbox')).toBeVisible();
  await expect(filter).toBeHidden();
  const overview = await page.evaluate(async () => (await fetch('/api/device_overview')).json());
  for (const card of overview.cards) if (card.kind === 'Phone') card.idle_minutes = 30 * 24 * 60;
  await page.route('**/api/device_overview', (route) => route.fulfill({ json: overview }));
  await open(page, DEVICES);
  await expect(card(page, 'Safari on iPhone')).toContainText('Active 30 days ago');
  await filter.click();
  await expect(filter).toHaveAttribute('aria-current', 'true');
  await expect(cards(page)).toHaveCount(2);
  await expect(card(page, 'Safari on iPhone')).toBeVisible();
  await filter.click();
  await expect(cards(page)).toHaveCount(11);
});

test('Escape closes the form for a name, and nothing is renamed', { tag: '@hydrated' }, async ({ page, world }) => {
  await world.enter(page);
  await open(page, DEVICES);
  const own = card(page, 'Chrome on Linux');
  await own.getByText('Rename').click();
  await own.getByLabel('Device name').fill('Half');
  await page.keyboard.press('Escape');
  await expect(own.getByLabel('Device name')).toBeHidden();
  await expect(own.getByText('Rename')).toBeFocused();
  await own.getByText('Rename').click();
  await expect(own.getByLabel('Device name')).toHaveValue('');
});

test('what a list says of activity ages while the page is open', { tag: '@hydrated' }, async ({ page, world, watch }) => {
  watch.expect(/net::ERR_FAILED/);
  await page.clock.install();
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  // The server's clock stands while the page's clock jumps, so the page must not hear from it.
  await page.route('**/api/device_overview', (route) => route.abort());
  // The page is asked for once more, in the browser's time zone. The answer is older than what the page says by then.
  let answer = () => {};
  const aged = new Promise<void>((resolve) => (answer = resolve));
  await page.route(`**${DEVICES}`, async (route) => {
    if ('x-latchkey-background' in route.request().headers()) await aged;
    await route.continue();
  });
  const inZone = page.waitForResponse((response) => 'x-latchkey-background' in response.request().headers());
  await open(page, DEVICES);
  const other = card(page, 'Firefox on Windows');
  await expect(other).toContainText('Active now');
  await page.clock.fastForward('05:00');
  await expect(other).toContainText('Active 5 minutes ago');
  answer();
  await (await inZone).finished();
  await expect(page.locator('html')).toHaveAttribute('data-time-zone', 'Europe/Berlin');
  await expect(other).toContainText('Active 5 minutes ago');
});
