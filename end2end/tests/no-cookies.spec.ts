// A browser that keeps no cookie. Here the cause is that the server says https and the address says http.

import { cookiesOfServer } from '../support/cookies.js';
import { countSessions } from '../support/database.js';
import { open, sendLogIn } from '../support/pages.js';
import { Server } from '../support/program.js';
import { expect, test } from '../support/test.js';
import { World } from '../support/world.js';

test.use({
  world: async ({}, use) => {
    const variables = { LATCHKEY__SERVER__BASE_URL: 'https://latchkey.test', LATCHKEY__DATABASE__FILTER: '%d(-.*)?' };
    const server = await Server.start(variables, { domain: 'test' });
    const world = await World.create(server);
    await use(world);
    await server.stop();
    await world.drop();
  },
});

test('a browser that keeps no cookie is told so, and leaves no session behind', async ({ page, context, world, watch }) => {
  watch.expect(/Cross-Origin-Opener-Policy header has been ignored/);
  watch.expectStatus(401);
  await open(page, '/login?next=/profile/devices');
  await sendLogIn(page, world.person);
  await expect(page.getByRole('alert')).toContainText('Your browser did not send back a cookie');
  await expect(page.getByLabel('Email or username')).toBeVisible();
  expect(await cookiesOfServer(context)).toEqual([]);
  expect(await countSessions(world.name)).toBe(0);
  // The page cannot report a wrong password alone, because a cookie would carry that report.
  await sendLogIn(page, { ...world.person, password: 'wrong' });
  await expect(page.getByRole('alert')).toBeVisible();
});
