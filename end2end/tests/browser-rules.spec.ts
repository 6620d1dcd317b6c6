// Rules that only a browser enforces: whether it accepts the cookies, and whether it obeys the policy.

import { cookiesOfServer, TIME_ZONE } from '../support/cookies.js';
import { hasScript, logIn, open } from '../support/pages.js';
import { Server } from '../support/program.js';
import { expect, test } from '../support/test.js';
import { World } from '../support/world.js';

const WEEK = 7 * 24 * 60 * 60;

test('the session cookie is out of reach of script and of other sites', async ({ page, context, world }) => {
  await logIn(page, world.person);
  const cookies = await cookiesOfServer(context);
  const session = cookies.find((cookie) => cookie.name === `latchkey-session-${world.name}`);
  expect(session).toMatchObject({
    domain: new URL(world.origin).hostname,
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
  });
  const lifetime = (session?.expires ?? 0) - Date.now() / 1000;
  expect(Math.abs(lifetime - WEEK)).toBeLessThan(120);
  expect(cookies.map((cookie) => [cookie.name, cookie.httpOnly]).sort()).toEqual([
    ['latchkey-database', true],
    [`latchkey-device-${world.name}`, true],
    [`latchkey-session-${world.name}`, true],
  ]);
  const ofScript = hasScript() ? `${TIME_ZONE}=Europe/Berlin` : '';
  expect(await page.evaluate(() => document.cookie)).toBe(ofScript);
});

test('after log-out the browser has no session cookie', async ({ page, context, world }) => {
  await logIn(page, world.person, '/profile/devices');
  await page.getByRole('article', { name: 'Chrome on Linux' }).getByRole('button', { name: 'Log out' }).click();
  await expect(page).toHaveURL('/login');
  // The remaining cookies log no one in: the choice, and the sign that the owner has logged in here before.
  const left = ['latchkey-database', `latchkey-device-${world.name}`];
  expect((await cookiesOfServer(context)).map((cookie) => cookie.name).sort()).toEqual(left);
});

test.describe('behind a proxy that encrypts', () => {
  test.use({
    extraHTTPHeaders: { 'X-Forwarded-Proto': 'https' },
    world: async ({}, use) => {
      const server = await Server.start({
        LATCHKEY__SERVER__TRUSTED_PROXIES: '127.0.0.1',
        LATCHKEY__DATABASE__FILTER: '%d(-.*)?',
      });
      const world = await World.create(server);
      await use(world);
      await server.stop();
      await world.drop();
    },
  });

  test('cookies are Secure, bound to the host, and taken', async ({ page, context, world }) => {
    await logIn(page, world.person);
    for (const cookie of await cookiesOfServer(context)) {
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/' });
      expect(cookie.name).toMatch(/^__Host-latchkey-/);
    }
    await open(page, '/profile/devices');
    await page.getByRole('article', { name: 'Chrome on Linux' }).getByRole('button', { name: 'Log out' }).click();
    await expect(page).toHaveURL('/login');
    const left = ['__Host-latchkey-database', `__Host-latchkey-device-${world.name}`];
    expect((await cookiesOfServer(context)).map((cookie) => cookie.name).sort()).toEqual(left);
  });
});

test('script that is not ours does not run', { tag: '@hydrated' }, async ({ page, watch }) => {
  // Every other test fails on a violation. This test shows that violations are noticed.
  watch.expect(/content security policy/i);
  await open(page, '/login');
  const said = page.waitForEvent('console', (message) =>
    message.text().startsWith('content security policy: script-src-elem inline'),
  );
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.documentElement.dataset.foreign = "ran"';
    document.body.append(script);
    return document.documentElement.dataset.foreign ?? 'refused';
  });
  expect(ran).toBe('refused');
  await said;
});
