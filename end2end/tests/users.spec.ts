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
