// An intermediary between browser and server answers: a proxy whose server is down, a firewall, the log-in
// page of a network.

import type { Page, Route } from '@playwright/test';

import { agents } from '../support/agents.js';
import { cookiesOfServer } from '../support/cookies.js';
import { countSessions, createDatabaseWithOneTimePassword, dropDatabase } from '../support/database.js';
import { arrive, card, cards, dialog, open, password, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const DEVICES = '/profile/devices';
const OVERVIEW = '**/api/device_overview';
const SECURITY = '/profile/security';
const EVENTS = '**/api/session_events';
const FOREIGN = 'The answer did not come from the server, but from something in between';
const UNREACHABLE = 'The server cannot be reached.';
const CUT_OFF = 'This page cannot reach the server just now';

type Answer = { status: number; contentType?: string; body?: string; headers?: Record<string, string> };

const foreign = (status: number): Answer => ({
  status,
  contentType: 'text/html',
  body: `<!DOCTYPE html><title>Not ours</title><ul class="list"><li>${status}</li></ul><a href="/login">Log in</a>`,
});

// Each answer with the page's message about it.
const answers: [Answer, string][] = [
  [foreign(200), FOREIGN],
  [foreign(403), FOREIGN],
  [foreign(413), FOREIGN],
  [foreign(502), FOREIGN],
  [foreign(503), FOREIGN],
  [{ status: 504, body: '' }, FOREIGN],
  [{ status: 200, contentType: 'application/json', body: '{"error":"quota"}' }, FOREIGN],
  [{ status: 302, headers: { location: 'http://portal.test:9/' } }, UNREACHABLE],
];

// One answer of each kind, because a page repeats its own requests only after seconds.
const few = [foreign(200), foreign(502), { status: 302, headers: { location: 'http://portal.test:9/' } }];

test.describe('something in between answers', { tag: '@hydrated' }, () => {
  test.beforeEach(({ watch }) => {
    watch.expectStatus(403, 413, 502, 503, 504);
    watch.expect(/portal\.test/, /content security policy/i, /ERR_FAILED/, /EventSource's response has a MIME type/);
  });

  test('to a log-in', async ({ page, context, world }) => {
    await open(page, '/login');
    await page.getByLabel('Email or username').fill(world.person.login);
    await password(page).fill(world.person.password);
    await inEachCase(page, '**/api/log_in', async (said) => {
      await page.getByRole('button', { name: 'Log in' }).click();
      await expect(page.getByRole('alert')).toContainText(said);
      await expect(page.getByLabel('Email or username')).toHaveValue(world.person.login);
      await expect(password(page)).toHaveValue(world.person.password);
    });
    expect(await cookiesOfServer(context)).toEqual([]);
    await page.getByRole('button', { name: 'Log in' }).click();
    await arrive(page, '/');
  });

  test('to a first password', async ({ page, world }) => {
    const database = `${world.name}-first`;
    const oneTime = await createDatabaseWithOneTimePassword(database, world.person);
    await open(page, '/login');
    await page.getByLabel('Database').selectOption(database);
    await sendLogIn(page, { ...world.person, password: oneTime });
    await arrive(page, '/new-password');
    const labels = ['New password', 'Repeat new password'];
    for (const label of labels) await password(page, label).fill(world.person.password);
    await inEachCase(page, '**/api/set_new_password', async (said) => {
      await page.getByRole('button', { name: 'Set password' }).click();
      await expect(page.getByRole('alert')).toContainText(said);
      for (const label of labels) await expect(password(page, label)).toHaveValue(world.person.password);
    });
    await page.getByRole('button', { name: 'Set password' }).click();
    await arrive(page, '/');
    // Home would ask for its database, which is about to go.
    await page.goto('about:blank');
    await dropDatabase(database);
  });

  test('to another password', async ({ page, world }) => {
    await world.enter(page);
    await open(page, SECURITY);
    const typed = { 'Current password': world.person.password, 'New password': 'nine quiet otters sing', 'Repeat new password': 'nine quiet otters sing' };
    for (const [label, value] of Object.entries(typed)) await password(page, label).fill(value);
    await inEachCase(page, '**/api/change_password', async (said) => {
      await page.getByRole('button', { name: 'Change password' }).click();
      await expect(page.getByRole('alert')).toContainText(said);
      for (const [label, value] of Object.entries(typed)) await expect(password(page, label)).toHaveValue(value);
    });
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByRole('region', { name: 'Change password' }).getByRole('status')).toHaveText('Password changed.');
  });

  test('to a revocation, of one device and of all others', async ({ page, world }) => {
    for (const agent of [agents.firefoxOnWindows, agents.edgeOnWindows]) await world.logIn(agent);
    await world.enter(page);
    await open(page, DEVICES);
    await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
    const one = dialog(page, 'Revoke Firefox on Windows?');
    await inEachCase(page, '**/api/revoke_device', async (said) => {
      await one.getByRole('button', { name: 'Revoke' }).click();
      await expect(one.getByRole('alert')).toContainText(said);
    });
    await one.getByRole('button', { name: 'Cancel' }).click();
    await expect(cards(page)).toHaveCount(3);

    await page.getByRole('button', { name: 'Revoke all other devices (2)' }).click();
    const others = dialog(page, 'Revoke all other devices?');
    await inEachCase(page, '**/api/revoke_other_devices', async (said) => {
      await others.getByRole('button', { name: 'Revoke all other devices' }).click();
      await expect(others.getByRole('alert')).toContainText(said);
    });
    expect(await countSessions(world.name)).toBe(3);
    await others.getByRole('button', { name: 'Revoke all other devices' }).click();
    await expect(page.getByRole('status')).toHaveText('2 other devices were logged out.');
    await expect(cards(page)).toHaveCount(1);
  });

  test('to the name of a device', async ({ page, world }) => {
    await world.logIn(agents.firefoxOnWindows);
    await world.enter(page);
    await open(page, DEVICES);
    const device = card(page, 'Firefox on Windows');
    await device.getByText('Rename').click();
    await device.getByLabel('Device name').fill('Kitchen laptop');
    await inEachCase(page, '**/api/name_device', async (said) => {
      await device.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('alert')).toContainText(said);
      await expect(device.getByLabel('Device name')).toHaveValue('Kitchen laptop');
    });
    await device.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('status')).toHaveText('Renamed to “Kitchen laptop”.');
    await expect(card(page, 'Kitchen laptop')).toBeVisible();
  });

  test('to the list of devices, which stays and catches up', async ({ page, world }) => {
    test.slow();
    await world.enter(page);
    await open(page, DEVICES);
    await expect(cards(page)).toHaveCount(1);
    const stale = page.getByText('The list cannot be brought up to date just now.');
    for (const answer of few) {
      await test.step(JSON.stringify(answer), async () => {
        await page.route(OVERVIEW, (route) => route.fulfill(answer));
        await world.logIn(agents.firefoxOnWindows);
        await expect(stale).toBeVisible({ timeout: 20_000 });
        await expect(cards(page).first()).toContainText('This device');
        const before = await cards(page).count();
        await page.unroute(OVERVIEW);
        await expect(stale).toBeHidden();
        await expect(cards(page)).toHaveCount(before + 1);
      });
    }
    await expect(page).toHaveURL(DEVICES);
  });

  test('to all that the page of devices asks, which says so once', async ({ page, world }) => {
    test.slow();
    await world.enter(page);
    await open(page, DEVICES);
    const stale = page.getByText('The list cannot be brought up to date just now.');
    const cutOff = page.getByText(CUT_OFF);
    const answer = few[0]!;
    await page.route(OVERVIEW, (route) => route.fulfill(answer));
    await world.logIn(agents.firefoxOnWindows);
    await expect(stale).toBeVisible({ timeout: 20_000 });

    await page.route('**/api/current_session', (route) => route.fulfill(answer));
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await expect(cutOff).toBeVisible({ timeout: 20_000 });
    await expect(stale).toBeHidden();

    await page.unroute('**/api/current_session');
    await expect(cutOff).toBeHidden({ timeout: 20_000 });
    await expect(stale).toBeVisible();
  });

  test('to what a page asks by itself, and no person is logged out', async ({ page, context, world }) => {
    test.slow();
    for (const answer of few) {
      await test.step(JSON.stringify(answer), async () => {
        await context.clearCookies();
        await world.enter(page);
        for (const path of [EVENTS, '**/api/current_session', '**/api/end_notice']) {
          await page.route(path, (route) => route.fulfill(answer));
        }
        await open(page, SECURITY);
        await password(page, 'Current password').fill('not yet sent');
        await expect(page.getByText(CUT_OFF)).toBeVisible({ timeout: 20_000 });
        await page.unrouteAll();
        await expect(page.getByText(CUT_OFF)).toBeHidden({ timeout: 20_000 });
        await expect(password(page, 'Current password')).toHaveValue('not yet sent');
        await expect(page).toHaveURL(SECURITY);
      });
    }
  });

  test('to a person who stays', async ({ page, inHaste }) => {
    test.slow();
    const { world } = await inHaste({ LATCHKEY__SESSIONS__IDLE_TIMEOUT: '40s' });
    await world.enter(page);
    await open(page, world.origin + SECURITY);
    const warning = dialog(page, 'Still there?');
    await expect(warning).toBeVisible({ timeout: 40_000 });
    await page.route('**/api/current_session', (route) => route.fulfill(foreign(502)));
    await warning.getByRole('button', { name: 'Stay logged in' }).click();
    await expect(warning.getByRole('alert')).toContainText(FOREIGN);
    await page.unrouteAll();
    await warning.getByRole('button', { name: 'Stay logged in' }).click();
    await expect(warning).toBeHidden();
    await expect(page.getByText(CUT_OFF)).toBeHidden();
  });
});

/** Lets `inspect` see the effect of each answer, and then lets requests through again. */
async function inEachCase(page: Page, path: string, inspect: (said: string) => Promise<void>): Promise<void> {
  for (const [answer, said] of answers) {
    await test.step(JSON.stringify(answer), async () => {
      // Two answers may lead to the same message, so only the request shows that this answer was used.
      let tellAnswered = (): void => {};
      const answered = new Promise<void>((resolve) => (tellAnswered = resolve));
      const fulfil = async (route: Route): Promise<void> => {
        await route.fulfill(answer);
        tellAnswered();
      };
      await page.route(path, fulfil);
      await inspect(said);
      await answered;
      await page.unroute(path, fulfil);
    });
  }
}
