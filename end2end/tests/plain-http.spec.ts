// Plain HTTP on a host that is not this machine: browsers then withhold some of their APIs.

import type { BrowserContext, Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { card, cards, open } from '../support/pages.js';
import { Server } from '../support/program.js';
import { expect, test } from '../support/test.js';
import { World } from '../support/world.js';

const DEVICES = '/profile/devices';
const EVENTS = '/api/session_events';

// Browsers open six connections to a host.
const TABS = 8;

test.describe('over plain HTTP', () => {
  test.beforeEach(({ watch }) => {
    watch.expect(/Cross-Origin-Opener-Policy header has been ignored/);
  });

  test.use({
    world: async ({}, use) => {
      const variables = { LATCHKEY__SERVER__INSECURE_HTTP: 'true', LATCHKEY__DATABASE__FILTER: '%d(-.*)?' };
      const server = await Server.start(variables, { domain: 'test' });
      const world = await World.create(server);
      await use(world);
      await server.stop();
      await world.drop();
    },
  });

  test('eight tabs load, share one stream, and the next takes it over', { tag: '@hydrated' }, async ({ page, context, world }) => {
    test.slow();
    await world.enter(page);
    const streams = await openTabs(page, context);
    expect(await page.evaluate(() => 'locks' in navigator), 'no secure context').toBe(false);
    await world.logIn(agents.firefoxOnWindows);
    for (const tab of context.pages()) await expect(card(tab, 'Firefox on Windows')).toBeVisible();
    expect(streams.opened).toBe(1);

    await streams.leader?.close();
    await expect.poll(() => streams.opened).toBe(2);
    await world.logIn(agents.safariOnIphone);
    for (const tab of context.pages()) await expect(card(tab, 'Safari on iPhone')).toBeVisible();
    await world.endAllSessions();
    for (const tab of context.pages()) await expect(tab).toHaveURL(/\/login/);
    expect(streams.opened).toBe(2);
    expect(await page.context().pages()[0]?.evaluate(() => localStorage.length)).toBe(0);
  });

  test('a tab that crashed does not lead for long', { tag: '@hydrated' }, async ({ page, context, world, watch }) => {
    // The browser itself requests an icon.
    watch.expectStatus(404);
    const streams = new Streams(context);
    await page.clock.install();
    await world.enter(page);
    // This answer has no script, so no tab takes part yet.
    await page.goto('/healthz');
    await page.evaluate(
      (database) => localStorage.setItem(`latchkey-live-${database}`, `crashed ${Date.now()}`),
      world.name,
    );
    await open(page, DEVICES);
    await page.clock.runFor(60_000);
    expect(streams.opened).toBe(0);
    await page.clock.runFor(30_000);
    await expect.poll(() => streams.opened).toBe(1);
  });

  test('people log in, and log a device out', async ({ page, world }) => {
    await world.logIn(agents.firefoxOnWindows);
    await world.enter(page);
    await open(page, `${DEVICES}?revoke=others`);
    await page.getByRole('button', { name: 'Revoke all other devices', exact: true }).click();
    await expect(cards(page)).toHaveCount(1);
  });
});

test('tabs without BroadcastChannel share one stream', { tag: '@hydrated' }, async ({ page, context, world }) => {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'BroadcastChannel'));
  await world.enter(page);
  const streams = await openTabs(page, context, 2);
  await world.logIn(agents.firefoxOnWindows);
  for (const tab of context.pages()) await expect(card(tab, 'Firefox on Windows')).toBeVisible();
  expect(streams.opened).toBe(1);
});

class Streams {
  opened = 0;
  leader: Page | undefined;

  constructor(context: BrowserContext) {
    context.on('request', (request) => {
      if (!request.url().endsWith(EVENTS) || request.method() !== 'GET') return;
      this.opened += 1;
      this.leader = request.frame().page();
    });
  }
}

/** Opens Devices in several tabs, and waits until one of them listens. */
async function openTabs(page: Page, context: BrowserContext, count = TABS): Promise<Streams> {
  const streams = new Streams(context);
  await open(page, DEVICES);
  for (let more = 1; more < count; more += 1) await open(await context.newPage(), DEVICES);
  await expect.poll(() => streams.opened).toBeGreaterThan(0);
  return streams;
}
