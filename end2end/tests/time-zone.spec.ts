import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { cards, logIn, open } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const DEVICES = '/profile/devices';

for (const zone of ['America/New_York', 'Asia/Kolkata']) {
  test.describe(`a browser in ${zone}`, { tag: '@hydrated' }, () => {
    test.use({ timezoneId: zone });

    test('shows times of its own zone', async ({ page, world }) => {
      await logIn(page, world.person, DEVICES);
      await expectTimesOf(page, zone);
    });
  });
}

test('the cookies of a browser in Tokyo show times of New York in a browser there', { tag: '@hydrated' }, async ({
  world,
  anotherBrowser,
}) => {
  const tokyo = await anotherBrowser({ timezoneId: 'Asia/Tokyo' });
  await logIn(tokyo, world.person, DEVICES);
  const storageState = await tokyo.context().storageState();
  const newYork = await anotherBrowser({ timezoneId: 'America/New_York', storageState });
  for (const path of ['/', DEVICES, '/profile/activity']) {
    await open(newYork, path);
    await expectTimesOf(newYork, 'America/New_York');
    await open(tokyo, path);
    await expectTimesOf(tokyo, 'Asia/Tokyo');
  }
});

test('the log-in page says in the zone of its browser when a session ended', { tag: '@hydrated' }, async ({
  world,
  anotherBrowser,
}) => {
  const tokyo = await anotherBrowser({ timezoneId: 'Asia/Tokyo' });
  await logIn(tokyo, world.person);
  const storageState = await tokyo.context().storageState();
  await world.endAllSessions();
  const newYork = await anotherBrowser({ timezoneId: 'America/New_York', storageState });
  await open(newYork, '/login');
  await expect(newYork.getByRole('status')).toContainText('logged you out');
  await expectTimesOf(newYork, 'America/New_York');
});

test('a page that is open while its computer travels shows times of the new zone', { tag: '@hydrated' }, async ({
  page,
  world,
}) => {
  await logIn(page, world.person);
  await expectTimesOf(page, 'Europe/Berlin');
  await page.evaluate(sayZone, 'Asia/Tokyo');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expectTimesOf(page, 'Asia/Tokyo');
});

test('a list of devices that updates itself goes on in the zone of its browser', { tag: '@hydrated' }, async ({
  world,
  anotherBrowser,
}) => {
  const page = await anotherBrowser({ timezoneId: 'Asia/Tokyo' });
  await logIn(page, world.person, DEVICES);
  await world.logIn(agents.firefoxOnWindows);
  await expect(cards(page)).toHaveCount(2);
  await expectTimesOf(page, 'Asia/Tokyo');
});

for (const zone of ['Etc/Unknown', 'Factory', 'Mars/Olympus']) {
  test(`a browser that says ${zone} reads UTC, and that it is UTC`, { tag: '@hydrated' }, async ({ page, world }) => {
    await page.addInitScript(sayZone, zone);
    await logIn(page, world.person, DEVICES);
    await expectTimesOf(page, 'UTC', ' UTC');
  });
}

test('without script times are UTC, and say so', { tag: '@no-javascript' }, async ({ page, world }) => {
  await logIn(page, world.person, DEVICES);
  await expectTimesOf(page, 'UTC', ' UTC');
});

/** Runs in a page: makes the browser report this time zone. */
function sayZone(timeZone: string): void {
  const options = Intl.DateTimeFormat.prototype.resolvedOptions;
  Intl.DateTimeFormat.prototype.resolvedOptions = function () {
    return { ...options.call(this), timeZone };
  };
}

/** Expects each time of the page in `zone`, as text or as tooltip, followed by `name`. */
async function expectTimesOf(page: Page, zone: string, name = ''): Promise<void> {
  const times = page.locator('time');
  await expect(times).not.toHaveCount(0);
  for (const time of await times.all()) {
    const moment = written(new Date((await time.getAttribute('datetime')) ?? ''), zone) + name;
    const says = async () => [await time.getAttribute('title'), await time.textContent()].join(' ');
    await expect.poll(says).toMatch(new RegExp(`${moment}(?! UTC)`));
  }
}

/** "23 Nov 2026, 14:02". */
function written(moment: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute}`;
}
