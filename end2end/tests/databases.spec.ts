import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { ada, countSessions, createDatabase, dropDatabase } from '../support/database.js';
import { arrive, dialog, open, openMenu, password, ready, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';
import { World } from '../support/world.js';

test('with one database there is nothing to choose', async ({ page, world }) => {
  await open(page, '/login');
  await expect(page.getByLabel('Database')).toBeHidden();
  await open(page, '/databases');
  await expect(page.getByText('There is one database here, so there is nothing to choose.')).toBeVisible();
  await page.getByRole('link', { name: 'Go to log in' }).click();
  await arrive(page, '/login');
  await sendLogIn(page, world.person);
  await arrive(page, '/');
  const menu = await openMenu(page, world.person);
  await expect(menu.getByRole('link', { name: 'Switch database' })).toBeHidden();
});

test('without a database the page says what an administrator has to type', async ({ page, server }) => {
  await page.goto(`${server.origin('nothing-here')}/login`);
  await ready(page);
  await expect(page.getByRole('heading', { name: 'No database yet' })).toBeVisible();
  await expect(page.getByText('latchkey db create')).toBeVisible();
});

test.describe('with two databases', () => {
  test.use({
    world: async ({ server }, use) => {
      const world = await World.create(server);
      await createDatabase(`${world.name}-second`, ada);
      await use(world);
      await dropDatabase(`${world.name}-second`);
      await world.drop();
    },
  });

  test('the log-in page offers both', async ({ page, world }) => {
    await open(page, '/login');
    const choice = page.getByRole('combobox', { name: 'Database' });
    await expect(choice.getByRole('option')).toHaveText([world.name, `${world.name}-second`]);
    await choice.selectOption(`${world.name}-second`);
    await sendLogIn(page, world.person);
    await arrive(page, '/');
    await expect(page.getByRole('definition').filter({ hasText: `${world.name}-second` }).first()).toBeVisible();
  });

  test('what was chosen is chosen at the next log-in', async ({ page, world }) => {
    await open(page, '/databases');
    await page.getByRole('button', { name: `${world.name}-second` }).click();
    await arrive(page, '/login');
    await expect(page.getByRole('combobox', { name: 'Database' })).toHaveValue(`${world.name}-second`);
    await open(page, '/login');
    await expect(page.getByRole('combobox', { name: 'Database' })).toHaveValue(`${world.name}-second`);
  });

  test('only a database with a log-in is the current one, and a remembered one was used last', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/databases');
    const first = page.getByRole('button').filter({ has: page.getByText(world.name, { exact: true }) });
    const second = page.getByRole('button').filter({ has: page.getByText(`${world.name}-second`, { exact: true }) });
    await expect(first).toContainText('Current');
    await expect(first).toHaveAttribute('aria-current', 'true');
    await second.click();
    await arrive(page, '/login');
    await open(page, '/databases');
    await expect(second).toContainText('Last used');
    await expect(second).not.toHaveAttribute('aria-current');
    await expect(page.getByText('Current', { exact: true })).toBeHidden();
    await expect(first).toContainText('Logged in as Ada Lovelace');
  });

  test('a person who switches stays logged in to the first', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/');
    await switchTo(`${world.name}-second`);
    await arrive(page, '/login');
    await expect(page.getByRole('combobox', { name: 'Database' })).toHaveValue(`${world.name}-second`);
    const still = page.getByRole('status').filter({ hasText: 'still logged in' });
    await expect(still).toContainText(world.name);
    await still.getByRole('link', { name: 'Switch database' }).click();
    await arrive(page, '/databases');
    await choose(page, world.name);
    await arrive(page, '/');

    await switchTo(`${world.name}-second`);
    await arrive(page, '/login');
    await sendLogIn(page, world.person);
    await arrive(page, '/');
    await expect(inMain(`${world.name}-second`)).toBeVisible();

    await switchTo(world.name);
    await arrive(page, '/');
    await expect(inMain(world.name)).toBeVisible();

    function inMain(database: string) {
      return page.getByRole('main').getByText(database, { exact: true });
    }

    async function switchTo(database: string): Promise<void> {
      const menu = await openMenu(page, world.person);
      await menu.getByRole('link', { name: 'Switch database' }).click();
      await arrive(page, '/databases');
      await choose(page, database);
    }
  });

  test('a tab says that another tab has switched the database', { tag: '@hydrated' }, async ({ page, context, world }) => {
    await world.enter(page);
    await open(page, '/');
    const told = page.getByText('This tab now shows another log-in');
    const other = await context.newPage();
    await open(other, '/databases');
    await choose(other, `${world.name}-second`);
    await arrive(other, '/login');
    await sendLogIn(other, world.person);
    await arrive(other, '/');
    await expect(other.getByText('This tab now shows another log-in')).toBeHidden();
    await page.getByRole('link', { name: 'All devices' }).click();
    await expect(told).toBeVisible();
    // The tab says that once.
    await open(page, '/');
    await expect(told).toBeHidden();
  });

  test('a log-out ends every session of the browser, or only the one of this database', async ({ page, world }) => {
    const second = `${world.name}-second`;
    await world.enter(page);
    await open(page, '/');
    let menu = await openMenu(page, world.person);
    await expect(menu.getByRole('button')).toHaveText(['Turn on debug mode', 'Log out']);
    await expect(menu).not.toContainText('in all databases');
    await enterSecond();

    menu = await openMenu(page, world.person);
    await menu.getByRole('button', { name: new RegExp(`^Log out of .?${second}.? only$`) }).click();
    await arrive(page, '/login');
    const told = page.getByRole('status');
    await expect(told).toContainText(new RegExp(`^You are logged out of .?${second}.?\\.`));
    await expect(told).toContainText(new RegExp(`You’re still logged in to .?${world.name}.?\\.`));
    expect([await countSessions(world.name), await countSessions(second)]).toEqual([1, 0]);

    await told.getByRole('link', { name: 'Switch database' }).click();
    await arrive(page, '/databases');
    await choose(page, world.name);
    await arrive(page, '/');

    await enterSecond();
    menu = await openMenu(page, world.person);
    const logOut = menu.getByRole('button', { name: 'Log out', exact: true });
    await expect(logOut).toHaveAccessibleDescription('“Log out” ends your sessions in all databases of this browser.');
    await logOut.click();
    await arrive(page, '/login');
    await expect(page.getByRole('status')).toHaveText('You are logged out of every database in this browser.');
    expect([await countSessions(world.name), await countSessions(second)]).toEqual([0, 0]);

    async function enterSecond(): Promise<void> {
      await open(page, '/databases');
      await choose(page, second);
      await arrive(page, '/login');
      await sendLogIn(page, world.person);
      await arrive(page, '/');
    }
  });

  test('an open page of the first does nothing in the second', { tag: '@hydrated' }, async ({ page, world, server, context, watch }) => {
    watch.expectStatus(409);
    const second = new World(server, `${world.name}-second`);
    await world.logIn(agents.firefoxOnWindows);
    await second.logIn(agents.safariOnIphone);
    await world.enter(page);
    await open(page, '/profile/devices');

    const other = await context.newPage();
    await open(other, '/databases');
    await choose(other, second.name);
    await arrive(other, '/login');
    await sendLogIn(other, world.person);
    await arrive(other, '/');
    await expect(other.getByRole('banner')).toContainText(second.name);

    await page.getByRole('button', { name: 'Revoke all other devices (1)' }).click();
    await dialog(page, 'Revoke all other devices?').getByRole('button', { name: 'Revoke' }).click();
    await expect(page.getByRole('alert')).toContainText('Nothing was changed: this browser has meanwhile logged in');
    expect([await countSessions(world.name), await countSessions(second.name)]).toEqual([2, 2]);
  });
});

/** The button says the database, and who is logged in there. */
async function choose(page: Page, database: string): Promise<void> {
  await page.getByRole('button').filter({ has: page.getByText(database, { exact: true }) }).click();
}

test.describe('where databases are not listed', () => {
  test.use({
    world: async ({ reticentServer }, use) => {
      const world = await World.create(reticentServer);
      await createDatabase(`${world.name}-second`, ada);
      await use(world);
      await dropDatabase(`${world.name}-second`);
      await world.drop();
    },
  });

  test('people type the name, and a wrong one looks like a wrong password', async ({ page, world, watch }) => {
    watch.expectStatus(401);
    await open(page, '/login');
    await expect(page.getByRole('combobox')).toBeHidden();
    await expect(page.getByRole('main')).not.toContainText(world.name);

    await page.getByLabel('Database').fill('no-such-database');
    await sendLogIn(page, world.person);
    await expect(page.getByRole('alert')).toHaveText('Database, username, email or password is wrong.');
    await ready(page);

    await page.getByLabel('Database').fill(`${world.name}-second`);
    await sendLogIn(page, world.person);
    await arrive(page, '/');
    await expect(page.getByRole('main')).toContainText(`${world.name}-second`);
  });

  test('any name is a choice, so that none is confirmed, and it is remembered', async ({ page, world, watch }) => {
    watch.expectStatus(401);
    await open(page, '/databases');
    await page.getByLabel('Database name').fill('no-such-database');
    await page.getByRole('button', { name: 'Continue' }).click();
    await arrive(page, '/login');
    await expect(page.getByLabel('Database')).toHaveValue('no-such-database');
    await sendLogIn(page, world.person);
    await expect(page.getByRole('alert')).toHaveText('Database, username, email or password is wrong.');

    await open(page, '/databases');
    await page.getByLabel('Database name').fill(world.name);
    await page.getByRole('button', { name: 'Continue' }).click();
    await arrive(page, '/login');
    await expect(page.getByLabel('Database')).toHaveValue(world.name);
    await sendLogIn(page, world.person);
    await arrive(page, '/');
    await expect(password(page)).toBeHidden();
  });
});
