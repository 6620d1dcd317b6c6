import type { Page } from '@playwright/test';

import { countSessions } from '../support/database.js';
import { arrive, logIn, open, password, ready, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

test('a wrong password is said in one place, and the right one helps', async ({ page, world, watch }) => {
  watch.expectStatus(401);
  await open(page, '/login');
  const stands = await places(page);
  await sendLogIn(page, { ...world.person, password: 'not that one' });
  await expect(page.getByRole('alert')).toHaveText('Username, email or password is wrong.');
  await expect(password(page)).toBeFocused();
  await expect(password(page)).toHaveValue('');
  await expect(password(page)).toHaveAccessibleDescription('Username, email or password is wrong.');
  await expect(page.getByLabel('Email or username')).toHaveAccessibleDescription('Username, email or password is wrong.');
  expect(await places(page)).toEqual(stands);
  await ready(page);
  await sendLogIn(page, world.person);
  await arrive(page, '/');
});

test('after a wrong password the login is still there', { tag: '@hydrated' }, async ({ page, world, watch }) => {
  watch.expectStatus(401);
  await open(page, '/login');
  await sendLogIn(page, { ...world.person, password: 'not that one' });
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('Email or username')).toHaveValue(world.person.login);
});

test('a failure says how long to wait, or that one more brings a wait', async ({ page, world, watch }) => {
  watch.expectStatus(401, 429);
  await open(page, '/login');
  const alert = page.getByRole('alert');
  const said = [
    /^Username, email or password is wrong\.$/,
    /^Username, email or password is wrong\.$/,
    /^Username, email or password is wrong\.$/,
    /^Username, email or password is wrong\.One more failed attempt and you have to wait 30 seconds\.$/,
    /^Username, email or password is wrong\.Too many failed attempts\. Wait (30|29) seconds, then try again\.$/,
  ];
  for (const [failure, text] of said.entries()) {
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await sendLogIn(page, { ...world.person, password: `wrong ${failure}` });
    await answered;
    await expect(password(page)).toBeFocused();
    await ready(page);
    await expect(alert).toHaveText(text);
    await expect(password(page)).toHaveAccessibleDescription(failure < 3 ? /wrong\.$/ : /\d\d seconds.*\.$/);
  }
  await sendLogIn(page, world.person);
  await expect(alert).toHaveText(/^Too many failed attempts\. Wait \d\d seconds, then try again\.$/);
});

test('a wait counts down, and the button waits with it', { tag: '@hydrated' }, async ({ page, world, watch }) => {
  watch.expectStatus(401);
  await page.clock.install();
  await open(page, '/login');
  const [alert, button] = [page.getByRole('alert'), page.getByRole('button', { name: 'Log in' })];
  for (let count = 0; count < 5; count += 1) {
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await sendLogIn(page, { ...world.person, password: `wrong ${count}` });
    await answered;
    await expect(button).not.toHaveAttribute('aria-busy');
  }
  await expect(alert).toHaveText(/Too many failed attempts\. Wait (30|29) seconds, then try again\.$/);
  await expect(alert.getByRole('timer')).toBeVisible();
  await page.clock.runFor(10_000);
  await expect(alert).toHaveText(/Too many failed attempts\. Wait 1\d seconds, then try again\.$/);
  const posts: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await password(page).press('Enter');
  await page.clock.runFor(20_000);
  await expect(alert).toHaveText(/You can try again now\.$/);
  await expect(button).not.toHaveAttribute('aria-disabled');
  expect(posts).toEqual([]);
});

test('the password can be shown and hidden again', { tag: '@hydrated' }, async ({ page }) => {
  await open(page, '/login');
  const show = page.getByRole('button', { name: 'Show password' });
  await page.getByLabel('Password', { exact: true }).fill('secret');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('type', 'password');
  await show.click();
  await expect(show).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('type', 'text');
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('secret');
  await show.click();
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('type', 'password');
});

test('a button that would do nothing is not there', { tag: '@no-javascript' }, async ({ page }) => {
  await open(page, '/login');
  await expect(page.locator('.card').getByRole('button')).toHaveText(['Log in']);
});

test('a double click logs in once', { tag: '@hydrated' }, async ({ page, world }) => {
  const posts: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
  await open(page, '/login');
  await page.getByLabel('Email or username').fill(world.person.login);
  await password(page).fill(world.person.password);
  await page.getByRole('button', { name: 'Log in' }).dblclick();
  await arrive(page, '/');
  expect(posts).toEqual([`${world.origin}/api/log_in`]);
  expect(await countSessions(world.name)).toBe(1);
});

test('a stranger lands where they were going', async ({ page, world }) => {
  await open(page, '/profile/devices?from=mail');
  await arrive(page, '/login?next=/profile/devices%3Ffrom%3Dmail');
  await sendLogIn(page, world.person);
  await arrive(page, '/profile/devices?from=mail');
});

test('a logged-in person is not asked again', async ({ page, world }) => {
  await logIn(page, world.person);
  await open(page, '/login');
  await arrive(page, '/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Ada Lovelace');
});

test('who has forgotten the password reads what to do', async ({ page }) => {
  await open(page, '/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await arrive(page, '/forgotten-password');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Forgotten password');
  await expect(page.getByRole('main')).toContainText('Ask your administrator for a one-time password.');
  await page.getByRole('link', { name: 'Back to log in' }).click();
  await arrive(page, '/login');
});

test('an empty form is not sent', async ({ page }) => {
  await open(page, '/login');
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByLabel('Email or username')).toBeFocused();
  await expect(page).toHaveURL('/login');
  await expect(page.getByRole('alert')).toBeHidden();
});

test('what is typed before script has come is still there afterwards', { tag: '@hydrated' }, async ({ page, world }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto('/login', { waitUntil: 'commit' });
  await page.getByLabel('Email or username').fill(world.person.login);
  await password(page).fill(world.person.password);
  release();
  await ready(page);
  await expect(page.getByLabel('Email or username')).toHaveValue(world.person.login);
  await page.getByRole('button', { name: 'Log in' }).click();
  await arrive(page, '/');
});

/** Where the parts of the form stand that come before the message, and the button after it. */
async function places(page: Page): Promise<unknown[]> {
  const parts = [page.getByLabel('Email or username'), password(page), page.getByRole('button', { name: 'Log in' })];
  return Promise.all(parts.map((part) => part.boundingBox()));
}
