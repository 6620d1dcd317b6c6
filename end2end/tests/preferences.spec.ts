// What a person prefers is kept with the account, and right on the first paint.

import type { Page } from '@playwright/test';

import { arrive, hasScript, logIn, open, openMenu, profileButton, ready } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const PROFILE = '/profile';
const grace = { login: 'grace@example.com', name: 'Grace Hopper', password: 'a moth in the relay of room nine' };

/** Chooses values by the names of their fields, saves, and waits for the page that shows them. */
async function save(page: Page, values: Record<string, string>): Promise<void> {
  await open(page, PROFILE);
  for (const [field, value] of Object.entries(values)) await page.locator(`select[name=${field}]`).selectOption(value);
  const loaded = page.waitForEvent('load');
  await page.locator('form[action*=save_preferences] button[type=submit]').click();
  await loaded;
  await expect(page.locator('.saved')).toBeVisible();
}

async function logOut(page: Page): Promise<void> {
  await page.locator('.top-bar__profile').click();
  await page.locator('.menu form[action*=log_out] button').click();
  await expect(page).toHaveURL('/login');
}

/** The background of the page, and what the document that the server sent says. */
async function colours(page: Page, path: string): Promise<{ background: string; scheme: string; sent: string | null }> {
  const answer = page.waitForResponse((response) => response.request().isNavigationRequest() && response.ok());
  await page.goto(path);
  const html = await (await answer).text();
  const root = page.locator('html');
  return {
    background: await root.evaluate((html) => getComputedStyle(html).backgroundColor),
    scheme: await root.evaluate((html) => getComputedStyle(html).colorScheme),
    sent: /<html[^>]* data-theme="(\w+)"/.exec(html)?.[1] ?? null,
  };
}

const LIGHT = 'rgb(245, 246, 246)';
const DARK = 'rgb(18, 22, 24)';

for (const { system, theme, background } of [
  { system: 'light', theme: 'dark', background: DARK },
  { system: 'dark', theme: 'light', background: LIGHT },
] as const) {
  test.describe(`on a ${system} system`, () => {
    test.use({ colorScheme: system });

    test(`the ${theme} theme is there on the first paint, and stays after log-out`, async ({ page, world }) => {
      await logIn(page, world.person);
      const before = await colours(page, '/');
      expect(before).toEqual({ background: system === 'dark' ? DARK : LIGHT, scheme: 'light dark', sent: null });
      await save(page, { theme });
      const expected = { background, scheme: theme, sent: theme };
      await expect(page.locator('html')).toHaveCSS('background-color', background);
      for (const path of ['/', PROFILE, '/profile/devices']) expect(await colours(page, path)).toEqual(expected);
      await logOut(page);
      await expect(page.locator('html')).toHaveCSS('background-color', background);
      expect(await colours(page, '/login')).toEqual(expected);
      await expect(page.locator('meta[name=color-scheme]')).toHaveAttribute('content', theme);
      await expect(page.locator('meta[name=theme-color]')).toHaveCount(1);
    });
  });
}

test('the time zone and the spelling change the times that pages show', async ({ page, world }) => {
  await logIn(page, world.person);
  await save(page, { time_zone: 'Asia/Tokyo', date_format: 'iso', time_format: 'hours24' });
  const shown = page.locator('main time').first();
  for (const path of ['/', PROFILE]) {
    await open(page, path);
    const moment = new Date((await shown.getAttribute('datetime')) ?? '');
    // Words such as "Active now" have the exact time in their tooltip.
    const exactly = (await shown.getAttribute('title')) ?? (await shown.textContent());
    expect(exactly).toContain(inTokyo(moment));
    expect(exactly).not.toContain('UTC');
  }
});

test('a tab that is older than a choice of another tab takes back nothing', async ({ page, world }) => {
  await logIn(page, world.person);
  await open(page, PROFILE);
  const other = await page.context().newPage();
  await save(other, { theme: 'dark', time_format: 'hours24' });
  await other.close();
  await page.locator('select[name=date_format]').selectOption('iso');
  const loaded = page.waitForEvent('load');
  await page.locator('form[action*=save_preferences] button[type=submit]').click();
  await loaded;
  await open(page, PROFILE);
  for (const [name, value] of [
    ['theme', 'dark'],
    ['time_format', 'hours24'],
    ['date_format', 'iso'],
  ] as const) {
    await expect(page.locator(`select[name=${name}]`)).toHaveValue(value);
  }
});

test('a choice that is taken back in the same document is saved, too', { tag: '@hydrated' }, async ({ page, world }) => {
  await logIn(page, world.person);
  await open(page, PROFILE);
  // A name that is not sent keeps the document.
  await page.getByRole('textbox', { name: 'Name' }).fill('Ada King');
  const theme = page.locator('select[name=theme]');
  const submit = page.locator('form[action*=save_preferences] button[type=submit]');
  for (const value of ['dark', 'system']) {
    await theme.selectOption(value);
    const answer = page.waitForResponse((response) => response.url().includes('save_preferences'));
    await submit.click();
    expect((await answer).status()).toBe(200);
    await expect(page.locator('.saved')).toBeVisible();
  }
  const other = await page.context().newPage();
  await open(other, PROFILE);
  await expect(other.locator('select[name=theme]')).toHaveValue('system');
});

test('the language of the account counts before the browser, and stays on the log-in page', async ({ page, world }) => {
  await logIn(page, world.person);
  await save(page, { language: 'ar-XB' });
  const html = page.locator('html');
  for (const path of [PROFILE, '/', '/profile/security']) {
    await open(page, path);
    await expect(html).toHaveAttribute('lang', 'ar-XB');
    await expect(html).toHaveAttribute('dir', 'rtl');
  }
  await logOut(page);
  await expect(html).toHaveAttribute('lang', 'ar-XB');
});

test('a stranger chooses the language on the log-in page', async ({ page }) => {
  await open(page, '/login?next=/profile');
  await page.getByRole('list', { name: 'Language' }).locator('button[value=en-XA]').click();
  await arrive(page, '/login?next=/profile');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA');
  await expect(page.locator('button[value=en-XA]')).toHaveAttribute('aria-current', 'true');
  await page.locator('button[value=en]').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
});

test('a choice of language keeps what was typed, but no password', async ({ page, world }) => {
  await open(page, '/login');
  await page.locator('#login').fill(world.person.login);
  await page.locator('#password').fill('half of a password');
  await page.locator('button[value=en-XA]').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA');
  await ready(page);
  await expect(page.locator('#login')).toHaveValue(world.person.login);
  await expect(page.locator('#password')).toHaveValue('');
  await expect(page.getByRole('alert')).toBeHidden();
  // Enter still logs in, although the form has the buttons of the languages, too.
  await page.locator('#password').fill(world.person.password);
  await page.locator('#password').press('Enter');
  await arrive(page, '/');
});

test('an empty form does not hold a choice of language up', async ({ page }) => {
  await open(page, '/login');
  await page.locator('button[value=en-XA]').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA');
});

test('the pages before the log-in offer the languages, too', async ({ page, world }) => {
  for (const path of ['/forgotten-password', '/databases']) {
    for (const language of ['ar-XB', 'en']) {
      await open(page, path);
      await page.locator(`button[value=${language}]`).click();
      await arrive(page, path);
      await expect(page.locator('html')).toHaveAttribute('lang', language);
    }
  }
  await logIn(page, world.person);
  await open(page, '/databases');
  await expect(page.locator('button[name=language]')).toHaveCount(0);
});

test('two people at one browser each get what they prefer', async ({ page, world }) => {
  const other = await world.another(grace);
  const html = page.locator('html');
  await logIn(page, world.person);
  await save(page, { theme: 'dark', language: 'en-XA' });
  await logOut(page);
  await page.locator('#login').fill(other.person.login);
  await page.locator('#password').fill(other.person.password);
  await page.locator('main .button--primary').click();
  await arrive(page, '/');
  await expect(html).toHaveAttribute('lang', 'en');
  await expect(html).not.toHaveAttribute('data-theme');
  await logOut(page);
  await logIn(page, world.person);
  await expect(html).toHaveAttribute('lang', 'en-XA');
  await expect(html).toHaveAttribute('data-theme', 'dark');
});

test('a link in another tab shows the theme that was chosen meanwhile', { tag: '@hydrated' }, async ({ page, world, context }) => {
  await logIn(page, world.person);
  await save(await context.newPage(), { theme: 'dark' });
  await page.getByRole('link', { name: 'All devices' }).click();
  await arrive(page, '/profile/devices');
  await expect(page.locator('html')).toHaveCSS('background-color', DARK);
});

test('a person changes the name, and a refused name stays in its field', async ({ page, world, watch }) => {
  watch.expectStatus(422);
  await logIn(page, world.person, PROFILE);
  const name = page.getByLabel('Name', { exact: true });
  await name.fill(' '.repeat(3));
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect(page.getByRole('alert')).toHaveText('Enter a name.');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await name.fill('Augusta Ada King');
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeFocused();
  await expect(profileButton(page, { ...world.person, name: 'Augusta Ada King' })).toBeVisible();
  await expect(page.getByText(world.person.login).last()).toBeVisible();
});

test('the menu leads to the profile, whose tabs begin with it', async ({ page, world }) => {
  await logIn(page, world.person);
  const menu = await openMenu(page, world.person);
  await menu.getByRole('link', { name: 'My Profile' }).click();
  await arrive(page, PROFILE);
  const tabs = page.getByRole('navigation', { name: 'My Profile' }).getByRole('link');
  await expect(tabs).toHaveText(['Profile', 'Security', 'Devices', 'Activity']);
  await expect(tabs.first()).toHaveAttribute('aria-current', 'page');
  const zone = page.getByLabel('Time zone').locator('option:checked');
  await expect(zone).toHaveText(hasScript() ? 'Automatic: Berlin' : 'Same as browser');
});

/** "2026-11-23 14:02". */
function inTokyo(moment: Date): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo', dateStyle: 'short', timeStyle: 'short' });
  return format.format(moment);
}

test('saving one form leaves what is typed in the other', { tag: '@hydrated' }, async ({ page, world }) => {
  await logIn(page, world.person);
  await open(page, PROFILE);
  await page.locator('select[name=theme]').selectOption('dark');
  await page.getByLabel('Name', { exact: true }).fill('Augusta');
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect(page.locator('.saved')).toBeVisible();
  await expect(page.locator('select[name=theme]')).toHaveValue('dark');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Augusta');
  const loaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Save preferences' }).click();
  await loaded;
  await expect(profileButton(page, { ...world.person, name: 'Augusta' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
