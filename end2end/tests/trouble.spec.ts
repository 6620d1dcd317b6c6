import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { UnreliableCluster } from '../support/cluster.js';
import { arrive, card, cards, dialog, open, password, ready } from '../support/pages.js';
import { Server } from '../support/program.js';
import { expect, test } from '../support/test.js';
import { World } from '../support/world.js';

test('a page that does not exist says so and leads home', async ({ page, world, watch }) => {
  watch.expectStatus(404);
  await world.enter(page);
  const answer = await page.goto('/no/such/page');
  await ready(page);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
  await expect(page).toHaveTitle('Page not found · Latchkey');
  await page.getByRole('link', { name: 'Go to the home page' }).click();
  await arrive(page, '/');
});

const withUnreliableCluster = test.extend<{ cluster: UnreliableCluster }>({
  cluster: async ({}, use) => {
    const cluster = await UnreliableCluster.create();
    await use(cluster);
    await cluster.remove();
  },
  world: async ({ cluster }, use) => {
    const url = { LATCHKEY__DATABASE__URL: cluster.url };
    const server = await Server.start({ ...url, LATCHKEY__DATABASE__FILTER: '%d(-.*)?' });
    const world = await World.create(server);
    await use(world);
    await server.stop();
    await world.drop();
  },
});

withUnreliableCluster(
  'when PostgreSQL is away, every page says so, and Try again works once it is back',
  async ({ page, world, watch, cluster }) => {
    watch.expectStatus(503);
    await test.step('from the start', async () => {
      await expectFailure(page, '/login');
      await cluster.comeBack();
      await page.getByRole('link', { name: 'Try again' }).click();
      await expect(page.getByLabel('Email or username')).toBeVisible();
    });
    await test.step('later', async () => {
      await world.enter(page);
      await open(page, '/');
      await cluster.goAway();
      for (const path of ['/', '/login', '/databases', '/profile/security', '/profile/devices']) {
        await expectFailure(page, path);
      }
      await cluster.comeBack();
      await page.getByRole('link', { name: 'Try again' }).click();
      await expect(cards(page)).toHaveCount(1);
    });
  },
);

test.describe('without a connection', { tag: '@hydrated' }, () => {
  test.beforeEach(({ watch }) => {
    watch.expect(/net::ERR_INTERNET_DISCONNECTED/);
  });

  test('a link leads to a page that says so in the same document, and the page comes once the server is back', async ({ page, context, world }) => {
    await world.enter(page);
    await open(page, '/profile/security');
    await page.evaluate(() => document.documentElement.setAttribute('data-marked', ''));
    await context.setOffline(true);
    await page.getByRole('main').getByRole('link', { name: 'Devices', exact: true }).click();
    const heading = page.getByRole('heading', { level: 1, name: 'The server cannot be reached' });
    await expect(heading).toBeFocused();
    await expect(page).toHaveTitle('The server cannot be reached');
    await expect(page).toHaveURL('/profile/devices');
    await expect(page.getByRole('banner')).toBeVisible();
    await page.getByRole('link', { name: 'Try again' }).click();
    await expect(heading).toBeFocused();
    await context.setOffline(false);
    await expect(page).toHaveTitle('Devices · Latchkey');
    await expect(cards(page)).toHaveCount(1);
    await expect(page.locator('html[data-marked]')).toHaveCount(1);
  });

  test('a form says so, keeps what was typed, and works when it is back', async ({ page, context, world }) => {
    await open(page, '/login');
    await page.getByLabel('Email or username').fill(world.person.login);
    await password(page).fill(world.person.password);
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByRole('alert')).toHaveText(
      'The server cannot be reached. Check your connection and try again.',
    );
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Log in' }).click();
    await arrive(page, '/');
  });

  test('a revocation says so in its dialog, and works when it is back', async ({ page, context, world }) => {
    await world.logIn(agents.firefoxOnWindows);
    await world.enter(page);
    await open(page, '/profile/devices');
    await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
    const question = dialog(page, 'Revoke Firefox on Windows?');
    await context.setOffline(true);
    await question.getByRole('button', { name: 'Revoke' }).click();
    await expect(question.getByRole('alert')).toContainText('The server cannot be reached.');
    await expect(cards(page)).toHaveCount(2);
    await context.setOffline(false);
    await question.getByRole('button', { name: 'Revoke' }).click();
    await expect(page.getByRole('status')).toHaveText('Firefox on Windows was logged out.');
    await expect(cards(page)).toHaveCount(1);
  });
});

async function expectFailure(page: Page, path: string): Promise<void> {
  const answer = await page.goto(path);
  await ready(page);
  expect(answer?.status(), path).toBe(503);
  await expect(page.getByRole('alert'), path).toContainText('The database cannot be reached just now.');
}
