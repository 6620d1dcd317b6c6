// Every page, in every state that looks different, one after the other.

import { expect, test, type Page } from '@playwright/test';

import { agents } from './agents.js';
import { addCompanies, addPerson, createDatabaseWithOneTimePassword, dropDatabase, putInto, workFor, type Person } from './database.js';
import { arrive, card, cards, dialog, open, openMenu, openSwitcher, password, sendLogIn, switcher } from './pages.js';
import type { Watch } from './watch.js';
import type { World } from './world.js';

// Long names break layouts that short ones do not.
const long: Person = {
  login: 'maximiliane.von-und-zu-liechtenstein@department-of-redundancy.example.com',
  name: 'Maximiliane Wilhelmina von und zu Liechtenstein-Hohenzollern',
  password: 'seven purple lanterns drift',
};

/** Shows each state to `inspect`. */
export async function tour(page: Page, world: World, watch: Watch, inspect: () => Promise<void>): Promise<void> {
  // The tour visits every state.
  test.slow();
  watch.expectStatus(401, 403, 404, 422);
  const look = async () => {
    // The text of a page can be read before its stylesheet has loaded.
    await page.waitForLoadState('load');
    await inspect();
  };
  await strangers(page, world, look);
  await firstLogIn(page, world, look);
  // The open page would notice the next log-in and load itself again, while the test opens another page.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await person(page, world, look);
}

async function strangers(page: Page, world: World, look: () => Promise<void>): Promise<void> {
  await step('log-in', async () => {
    await open(page, '/login');
    await look();
  });
  await step('log-in, refused', async () => {
    await sendLogIn(page, { ...world.person, password: 'wrong' });
    await expect(page.getByRole('alert')).toBeVisible();
    await look();
  });
  await step('log-in, told why', async () => {
    await world.enter(page);
    await world.endAllSessions();
    await open(page, '/login');
    await expect(page.getByRole('status')).toContainText('logged you out');
    await look();
  });
  await page.context().clearCookies();
}

/** The log-in page with a second database, so that there is a choice. */
async function firstLogIn(page: Page, world: World, look: () => Promise<void>): Promise<void> {
  const name = `${world.name}-second`;
  const oneTime = await createDatabaseWithOneTimePassword(name, long);
  try {
    await step('forgotten password', async () => {
      await open(page, '/forgotten-password');
      await look();
    });
    await step('databases', async () => {
      await open(page, '/databases');
      await look();
    });
    await step('log-in with a choice', async () => {
      await page.getByRole('button', { name }).click();
      await arrive(page, '/login');
      await look();
    });
    await step('new password', async () => {
      await sendLogIn(page, { ...long, password: oneTime });
      await arrive(page, '/new-password');
      await look();
    });
    await step('new password, refused', async () => {
      await password(page, 'New password').fill('short');
      await password(page, 'Repeat new password').fill('short');
      await page.getByRole('button', { name: 'Set password' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await look();
    });
    await step('home and menu with long names', async () => {
      await password(page, 'New password').fill(long.password);
      await password(page, 'Repeat new password').fill(long.password);
      await page.getByRole('button', { name: 'Set password' }).click();
      await arrive(page, '/');
      await look();
      await openMenu(page, long);
      await look();
    });
    // The page would go to the log-in page by itself while the next page is opened.
    await page.goto('about:blank');
  } finally {
    await dropDatabase(name);
  }
}

async function person(page: Page, world: World, look: () => Promise<void>): Promise<void> {
  const { safariOnIphone, chromeOnAndroidTablet, firefoxOnWindows } = agents;
  await step('devices, alone', async () => {
    await world.enter(page);
    await open(page, '/profile/devices');
    await look();
  });
  await step('devices, several', async () => {
    for (const agent of [safariOnIphone, chromeOnAndroidTablet, firefoxOnWindows, '']) await world.logIn(agent);
    await open(page, '/profile/devices');
    await expect(cards(page)).toHaveCount(5);
    await look();
  });
  await step('home, with something to look at', async () => {
    await open(page, '/');
    await expect(page.getByText('Log-ins on 4 new devices')).toBeVisible();
    await look();
    await open(page, '/profile/devices');
  });
  await step('devices, naming', async () => {
    const phone = card(page, 'Safari on iPhone');
    await phone.getByText('Rename').click();
    await look();
    await phone.getByLabel('Device name').fill('W'.repeat(64));
    await phone.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('status')).toHaveText(/^Renamed to |^The name was saved\.$/);
    await expect(card(page, 'W'.repeat(64))).toBeVisible();
    await look();
  });
  await step('devices, asked', async () => {
    await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
    await expect(dialog(page, 'Revoke Firefox on Windows?')).toBeVisible();
    await look();
  });
  await step('devices, revoked', async () => {
    await dialog(page, 'Revoke Firefox on Windows?').getByRole('button', { name: 'Revoke' }).click();
    await expect(page.getByRole('status')).toContainText('logged out.');
    await look();
  });
  await step('profile', async () => {
    await open(page, '/profile');
    await look();
  });
  await step('profile, refused', async () => {
    await page.getByLabel('Name', { exact: true }).fill('   ');
    await page.getByRole('button', { name: 'Save name' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await look();
  });
  await step('profile, saved', async () => {
    await open(page, '/profile');
    await page.getByRole('button', { name: 'Save preferences' }).click();
    await expect(page.locator('.saved')).toBeFocused();
    await look();
  });
  await step('security', async () => {
    await open(page, '/profile/security');
    await look();
  });
  await step('security, refused', async () => {
    for (const label of ['Current password', 'New password', 'Repeat new password']) {
      await password(page, label).fill('wrong');
    }
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await look();
  });
  await step('activity', async () => {
    await open(page, '/profile/activity');
    await look();
  });
  await step('users', async () => {
    await addPerson(world.name, { ...long, login: `w${long.login}` }, world.server);
    await open(page, '/settings/users');
    await expect(page.getByText(long.name)).toBeVisible();
    await look();
    await open(page, '/settings/users?search=no+such+user');
    await look();
    await open(page, '/settings/users');
    await page.getByRole('link', { name: long.name }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(long.name);
    await look();
  });
  await step('companies of the database', async () => {
    await open(page, '/settings/companies');
    await look();
    await page.locator('.user__name a').first().click();
    await expect(page.getByRole('region', { name: 'Archive' })).toBeVisible();
    await look();
    await page.getByRole('button', { name: 'Archive company' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await look();
    await open(page, '/settings/companies/new');
    await look();
  });
  await step('companies, archived', async () => {
    const name = 'Schleswig-Holsteinische Handelsgesellschaft';
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('button', { name: 'Add company' }).click();
    await expect(page.locator('.status[autofocus]')).toBeVisible();
    await page.getByRole('link', { name }).click();
    await page.getByRole('button', { name: 'Archive company' }).click();
    await expect(page.getByRole('region', { name: 'Bring back' })).toBeVisible();
    await look();
    await open(page, '/settings/companies');
    await look();
  });
  await step('groups', async () => {
    await open(page, '/settings/groups');
    await look();
    await open(page, '/settings/groups/new');
    await look();
    await open(page, '/settings/rules');
    await look();
    await open(page, '/settings/groups');
    await page.locator('.user__name a').last().click();
    await expect(page.locator('.verbs').first()).toBeVisible();
    await look();
  });
  await step('policies', async () => {
    await open(page, '/settings/policies');
    await look();
    await page.getByRole('textbox', { name: 'Value' }).fill('1.5');
    await page.getByRole('button', { name: 'Set policy' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await look();
    await page.getByRole('textbox', { name: 'Value' }).fill('11');
    await page.getByLabel('Unit').selectOption('Hours');
    await page.getByRole('button', { name: 'Set policy' }).click();
    await expect(page.locator('.status[autofocus]')).toBeVisible();
    await look();
  });
  await step('audit log', async () => {
    await open(page, '/settings/audit');
    await expect(page.locator('.audit__changes').first()).toBeVisible();
    await look();
    await open(page, '/settings/audit?subject=rule');
    await look();
  });
  await step('companies, chosen', async () => {
    const [north, long] = ['North', 'Liechtenstein-Hohenzollern Beteiligungsgesellschaft'];
    await addCompanies(world.name, [north, long], world.server);
    await workFor(world.name, world.person, [long, north], world.server);
    await open(page, '/');
    const menu = await openSwitcher(page);
    await look();
    for (const box of await menu.getByRole('checkbox').all()) await box.uncheck();
    await menu.getByRole('button', { name: 'Apply' }).click();
    // With any script the browser shows the words of the page beside the box, and else the server does.
    const inBrowser = menu.locator('input:invalid');
    await expect(inBrowser.or(page.getByRole('alert'))).toHaveCount(1);
    if ((await inBrowser.count()) > 0) {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await expect(menu).toBeHidden();
    }
    await look();
  });
  await step('companies, lost', async () => {
    const menu = await openSwitcher(page);
    await menu.getByRole('button', { name: /^Work for .?North.? only$/ }).click();
    await expect(switcher(page)).toHaveText(/North/);
    await workFor(world.name, world.person, [world.name], world.server);
    await open(page, '/');
    await expect(page.getByText('You no longer have access to a company')).toBeVisible();
    await look();
  });
  await step('no access', async () => {
    await putInto(world.name, world.person, ['user'], world.server);
    await open(page, '/settings/users');
    await look();
  });
  await step('not found', async () => {
    await open(page, '/no/such/page');
    await look();
  });
}

async function step(title: string, body: () => Promise<void>): Promise<void> {
  await test.step(title, body);
}
