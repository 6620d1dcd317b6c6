// The groups of the database, for people whose groups let them read groups.

import { addPerson, type Person } from '../support/database.js';
import { arrive, open, openMenu } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const bob: Person = { login: 'bob@example.com', name: 'Bob Noyce', password: 'eleven green kettles whistle' };

test('an administrator makes a group, gives it rights, and deletes it', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/');
  const menu = await openMenu(page, world.person);
  await menu.getByRole('link', { name: 'Groups' }).click();
  await arrive(page, '/settings/groups');
  const groups = page.getByRole('main').getByRole('article');
  await expect(groups).toHaveText([/Administrator.*1 user.*Includes .?User/, /Portal/, /User.*1 user/]);

  await page.getByRole('link', { name: 'Add group' }).click();
  await arrive(page, '/settings/groups/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Help desk');
  await page.getByRole('textbox', { name: 'Technical name' }).fill('Help desk');
  await page.getByRole('button', { name: 'Add group' }).click();
  await expect(page.getByRole('alert')).toHaveText(/begins with a small letter/);
  await expect(page.getByRole('textbox', { name: 'Technical name' })).toBeFocused();
  await page.getByRole('textbox', { name: 'Technical name' }).fill('help_desk');
  await page.getByRole('button', { name: 'Add group' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Help desk');

  const rights = page.getByRole('region', { name: 'Rights' });
  await rights.getByRole('group', { name: 'Users', exact: true }).getByRole('checkbox', { name: 'See' }).check();
  await rights.getByRole('button', { name: 'Save rights' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The rights are saved/);
  const included = page.getByRole('region', { name: 'Includes' });
  await included.getByRole('checkbox', { name: 'User' }).check();
  await included.getByRole('button', { name: 'Save included groups' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The included groups are saved/);

  const deletion = page.getByRole('region', { name: 'Delete' });
  await deletion.getByRole('textbox').fill('help_desk');
  await deletion.getByRole('button', { name: 'Delete group' }).click();
  await arrive(page, '/settings/groups');
  await expect(page.locator('.status[autofocus]')).toHaveText('The group is deleted.');
  await expect(groups).toHaveCount(3);
});

test('a right that a group gets holds at the next click of its users', async ({ page, world, anotherBrowser }) => {
  await addPerson(world.name, bob);
  const there = await anotherBrowser({});
  await open(there, '/login');
  await there.getByLabel('Email or username').fill(bob.login);
  await there.getByLabel('Password', { exact: true }).fill(bob.password);
  await there.getByRole('button', { name: 'Log in' }).click();
  await arrive(there, '/');

  await world.enter(page);
  await open(page, '/settings/groups');
  await page.getByRole('link', { name: 'User', exact: true }).click();
  const rights = page.getByRole('region', { name: 'Rights' });
  await rights.getByRole('group', { name: 'Users', exact: true }).getByRole('checkbox', { name: 'See' }).check();
  await rights.getByRole('button', { name: 'Save rights' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The rights are saved/);

  await open(there, '/');
  const menu = await openMenu(there, bob);
  await menu.getByRole('link', { name: 'Users' }).click();
  await arrive(there, '/settings/users');
  await expect(there.getByRole('link', { name: 'Bob Noyce' })).toBeVisible();
  await there.getByRole('link', { name: 'Ada Lovelace' }).click();
  await expect(there.getByText('You can’t change this user')).toBeVisible();
});
