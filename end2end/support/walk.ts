// Every page in the states that look different, found without a word: in a pseudo-language no label is known.

import { expect, test, type Page } from '@playwright/test';

import { agents } from './agents.js';
import { createDatabaseWithOneTimePassword, dropDatabase, putInto, type Person } from './database.js';
import { hasScript, open, ready } from './pages.js';
import type { Watch } from './watch.js';
import type { World } from './world.js';

const newcomer: Person = { login: 'grace@example.com', name: 'Grace Hopper', password: 'four silent harbours glow' };

/** Shows each state to `inspect`. */
export async function walk(page: Page, world: World, watch: Watch, inspect: () => Promise<void>): Promise<void> {
  watch.expectStatus(401, 403, 404, 422);
  const look = async (state: string): Promise<void> => {
    await page.waitForLoadState('load');
    await test.step(state, inspect);
  };
  await strangers(page, world, look);
  await firstLogIn(page, world, look);
  await page.context().clearCookies();
  await world.enter(page);
  await open(page, '/');
  await look('home');
  await page.locator('.top-bar__profile').click();
  await look('menu');
  await devices(page, world, look);
  await profile(page, look);
  await security(page, world, look);
  await open(page, '/profile/activity');
  await look('activity');
  await open(page, '/');
  await expect(page.locator('.notice--attention')).not.toHaveCount(0);
  await look('home, with something to look at');
  await open(page, '/settings/users');
  await look('users');
  await page.locator('.user__name a').first().click();
  await expect(page.locator('.checks').first()).toBeVisible();
  await look('user');
  await open(page, '/settings/companies');
  await look('companies');
  await page.locator('.user__name a').first().click();
  await expect(page.locator('form[action*=archive_company]')).toBeVisible();
  await look('company');
  await page.locator('form[action*=archive_company] .button--primary').click();
  await alert(page);
  await look('company, refused');
  await open(page, '/settings/companies/new');
  await look('new company');
  await open(page, '/settings/groups');
  await look('groups');
  await page.locator('.user__name a').last().click();
  await expect(page.locator('.verbs').first()).toBeVisible();
  await look('group');
  await open(page, '/settings/groups/new');
  await look('new group');
  await open(page, '/settings/rules');
  await look('rules');
  await open(page, '/settings/policies');
  await look('policies');
  await open(page, '/settings/audit');
  await look('audit log');
  await open(page, '/settings/users?search=x');
  await look('users, none found');
  await putInto(world.name, world.person, ['user'], world.server);
  await open(page, '/settings/users');
  await look('no access');
  await open(page, '/no/such/page');
  await look('not found');
}

type Look = (state: string) => Promise<void>;

async function strangers(page: Page, world: World, look: Look): Promise<void> {
  await open(page, '/login');
  await look('log-in');
  await logIn(page, { ...world.person, password: 'wrong' });
  await alert(page);
  await look('log-in, refused');
  await world.enter(page);
  await world.endAllSessions();
  await open(page, '/login');
  await expect(page.locator('.notice[role=status]')).toBeVisible();
  await look('log-in, told why');
  await page.context().clearCookies();
}

/** The log-in with a second database, so that there is a choice. */
async function firstLogIn(page: Page, world: World, look: Look): Promise<void> {
  const name = `${world.name}-second`;
  const password = await createDatabaseWithOneTimePassword(name, newcomer);
  try {
    await open(page, '/forgotten-password');
    await look('forgotten password');
    await open(page, '/databases');
    await look('databases');
    await page.locator(`button[value="${name}"]`).click();
    await expect(page).toHaveURL('/login');
    await ready(page);
    await look('log-in with a choice');
    await logIn(page, { ...newcomer, password });
    await expect(page).toHaveURL('/new-password');
    await ready(page);
    await look('new password');
    for (const field of ['new_password', 'repeated_password']) await page.locator(`#${field}`).fill('short');
    await page.locator('main .button--primary').click();
    await alert(page);
    await look('new password, refused');
    // The page would go to the log-in page by itself while the next page is opened.
    await page.goto('about:blank');
  } finally {
    await dropDatabase(name);
  }
}

async function devices(page: Page, world: World, look: Look): Promise<void> {
  await open(page, '/profile/devices');
  await look('devices, alone');
  const { safariOnIphone, chromeOnAndroidTablet } = agents;
  for (const agent of [safariOnIphone, chromeOnAndroidTablet, '']) await world.logIn(agent);
  await open(page, '/profile/devices');
  const cards = page.locator('.devices .device');
  await expect(cards).toHaveCount(4);
  await look('devices, several');
  await cards.last().locator('.device__open').click();
  await look('devices, details');
  await cards.last().locator('.device__rename').click();
  await look('devices, naming');
  await cards.last().locator('input[name=device_name]').fill('Kitchen');
  await cards.last().locator('.device__name-form button[type=submit]').click();
  await expect(page.locator('.status__message')).toBeVisible();
  await look('devices, named');
  await cards.last().locator('.device__action button').click();
  await expect(page.locator('#confirm')).toBeVisible();
  await look('devices, asked');
  await page.locator('#confirm .button--danger:visible').click();
  await expect(cards).toHaveCount(3);
  await expect(page.locator('.status__message')).toBeVisible();
  await look('devices, revoked');
  await page.locator('.ended__summary').click();
  await look('devices, ended');
  await page.locator('.devices-others button').click();
  await expect(page.locator('#confirm')).toBeVisible();
  await look('devices, asked about all others');
  for (let count = 0; count < 10; count += 1) await world.logIn(safariOnIphone);
  await open(page, '/profile/devices');
  await expect(page.locator('.devices-all')).toBeVisible();
  await look('devices, many');
  await page.locator('#device-search').fill('nothing');
  await look('devices, none found');
}

async function profile(page: Page, look: Look): Promise<void> {
  await open(page, '/profile');
  await look('profile');
  await page.locator('#name').fill('   ');
  await page.locator('form[action*=change_name] .button--primary').click();
  await alert(page);
  await look('profile, refused');
  await open(page, '/profile');
  await page.locator('form[action*=save_preferences] .button--primary').click();
  await expect(page.locator('.saved')).toBeFocused();
  await look('profile, saved');
}

async function security(page: Page, world: World, look: Look): Promise<void> {
  await open(page, '/profile/security');
  await look('security');
  for (const field of ['current_password', 'new_password', 'repeated_password']) await page.locator(`#${field}`).fill('wrong');
  await page.locator('form[action*=change_password] .button--primary').click();
  await alert(page);
  await look('security, refused');
  await open(page, '/profile/security');
  await page.locator('#confirming_password').fill(world.person.password);
  await page.locator('form[action*=make_log_in_code] .button--primary').click();
  await expect(page.locator('.status__code')).toBeVisible();
  await look('security, log-in code made');
}

async function logIn(page: Page, person: Person): Promise<void> {
  await page.locator('#login').fill(person.login);
  await page.locator('#password').fill(person.password);
  await page.locator('main .button--primary').click();
}

/** Waits for the error of a form, and without script for the page that has it. */
async function alert(page: Page): Promise<void> {
  await expect(page.getByRole('alert')).toBeVisible();
  if (!hasScript()) await page.waitForLoadState('load');
}
