// The users of the database, for people whose groups let them read users.

import { addPerson, putInto, type Person } from '../support/database.js';
import { arrive, open, openMenu } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const USERS = '/settings/users';

const bob: Person = { login: 'bob@example.com', name: 'Bob Noyce', password: 'eleven green kettles whistle' };

test('an administrator finds users, and sees their groups', async ({ page, world }) => {
  await addPerson(world.name, bob);
  await world.enter(page);
  await open(page, '/');
  const menu = await openMenu(page, world.person);
  await menu.getByRole('link', { name: 'Users' }).click();
  await arrive(page, USERS);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Users');
  const users = page.getByRole('main').getByRole('article');
  await expect(users).toHaveText([/Ada Lovelace.*You.*ada@example\.com.*Administrator/, /Bob Noyce.*bob@example\.com.*User/]);

  const search = page.getByRole('searchbox', { name: 'Search by name, email or username' });
  await search.fill('noy');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${USERS}?search=noy`);
  await expect(users).toHaveText([/Bob Noyce/]);
  await expect(search).toHaveValue('noy');
  await search.fill('zzz');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('No user matches “zzz”.')).toBeVisible();
  await expect(users).toHaveCount(0);
});

test('the number of users of a group leads to these users', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/settings/groups');
  const group = page.getByRole('main').getByRole('article').filter({ hasText: 'Administrator' }).first();
  await group.getByRole('link', { name: '1 user' }).click();
  await expect(page.getByText('Users of the group “Administrator”.')).toBeVisible();
  await expect(page.getByRole('main').getByRole('article')).toHaveCount(1);
  await page.getByRole('link', { name: 'All users' }).click();
  await arrive(page, '/settings/users');
});

test('an administrator changes a user, and deletes the user', async ({ page, world }) => {
  await addPerson(world.name, bob);
  await world.enter(page);
  await open(page, USERS);
  await page.getByRole('link', { name: bob.name }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(bob.name);
  const done = page.locator('.status[autofocus]');

  const groups = page.getByRole('region', { name: 'Groups' });
  await expect(groups.getByRole('checkbox', { name: 'User' })).toBeChecked();
  const administrator = groups.getByRole('checkbox', { name: 'Administrator' });
  await expect(administrator).toHaveAccessibleDescription(/Administers the database.*Includes .?User.?\./);
  await administrator.check();
  await groups.getByRole('button', { name: 'Save groups' }).click();
  await expect(done).toHaveText('The groups are saved. They hold at the user’s next click.');
  await expect(done).toBeFocused();
  await expect(administrator).toBeChecked();

  const logIn = page.getByRole('region', { name: 'Log-in' });
  await logIn.getByRole('radio', { name: 'Give a one-time password' }).check();
  await logIn.getByRole('button', { name: 'Apply' }).click();
  await expect(done).toHaveText(/The user now has this one-time password: \S+ It is shown only now/);
  await logIn.getByRole('radio', { name: 'Disable' }).check();
  await logIn.getByRole('button', { name: 'Apply' }).click();
  await expect(done).toHaveText('Done.');
  await expect(page.getByText('Disabled', { exact: true })).toBeVisible();
  await expect(logIn.getByRole('radio', { name: 'Enable' })).toBeVisible();

  const deletion = page.getByRole('region', { name: 'Delete' });
  const confirmed = deletion.getByRole('textbox', { name: 'To confirm, type the user’s email or username' });
  await confirmed.fill('eve@example.com');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('This is not the email or username of the user.');
  await expect(confirmed).toBeFocused();
  await confirmed.fill(bob.login);
  await deletion.getByRole('button', { name: 'Delete user' }).click();
  await arrive(page, USERS);
  await expect(done).toHaveText('The user is deleted.');
  await expect(page.getByRole('main').getByRole('article')).toHaveText([/Ada Lovelace/]);
});

test('who loses the right finds no access at the next click, and no link', async ({ page, world, watch }) => {
  watch.expectStatus(403);
  await world.enter(page);
  await open(page, USERS);
  await putInto(world.name, world.person, ['user']);
  await open(page, USERS);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No access');
  await page.getByRole('link', { name: 'Go to the home page' }).click();
  await arrive(page, '/');
  // The address changes before the page comes, and a page that comes closes an open menu.
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Hello/);
  const menu = await openMenu(page, world.person);
  await expect(menu.getByRole('link', { name: 'My Profile' })).toBeVisible();
  await expect(menu.getByRole('link', { name: 'Users' })).toHaveCount(0);
});
