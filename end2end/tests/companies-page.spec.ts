// The companies of the database, for people whose groups let them read companies.

import { addPerson, workFor, type Person } from '../support/database.js';
import { arrive, open, openMenu, switcher } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const COMPANIES = '/settings/companies';

const bob: Person = { login: 'bob@example.com', name: 'Bob Noyce', password: 'eleven green kettles whistle' };

test('an administrator adds a company, renames and archives it, and brings it back', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/');
  const menu = await openMenu(page, world.person);
  await menu.getByRole('link', { name: 'Companies' }).click();
  await arrive(page, COMPANIES);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Companies');
  const companies = page.getByRole('main').getByRole('article');
  await expect(companies).toHaveText([new RegExp(`${world.name}.*1 user`)]);
  const done = page.locator('.status[autofocus]');

  await page.getByRole('link', { name: 'Add company' }).click();
  await arrive(page, `${COMPANIES}/new`);
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill(world.name.toUpperCase());
  await page.getByRole('button', { name: 'Add company' }).click();
  await expect(page.getByRole('alert')).toHaveText('Another company has this name.');
  await expect(name).toBeFocused();
  await name.fill('North');
  await page.getByRole('button', { name: 'Add company' }).click();
  await arrive(page, COMPANIES);
  await expect(done).toHaveText(/The company is added\./);
  await expect(companies).toHaveCount(2);

  await page.getByRole('link', { name: 'North' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('North');
  const renaming = page.getByRole('region', { name: 'Rename' });
  await renaming.getByRole('textbox', { name: 'Name' }).fill('Far North');
  await renaming.getByRole('button', { name: 'Save name' }).click();
  await expect(done).toHaveText('The name is saved.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Far North');

  await page.getByRole('region', { name: 'Archive' }).getByRole('button', { name: 'Archive company' }).click();
  await expect(done).toHaveText(/The company is archived\./);
  await expect(page.getByText('Archived', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Back to companies' }).click();
  await arrive(page, COMPANIES);
  await expect(companies.filter({ hasText: 'Far North' })).toHaveText(/Archived.*0 users/);

  await page.getByRole('link', { name: 'Far North' }).click();
  await page.getByRole('region', { name: 'Bring back' }).getByRole('button', { name: 'Bring company back' }).click();
  await expect(done).toHaveText(/The company is back in use\./);
  await expect(page.getByText('Archived', { exact: true })).toHaveCount(0);
});

test('a company brings a language, a time zone and a colour for people who have chosen none', async ({ page, world }) => {
  await world.enter(page);
  await open(page, COMPANIES);
  await page.getByRole('main').getByRole('link', { name: world.name }).click();
  const look = page.getByRole('region', { name: 'Look and language' });
  await look.getByRole('checkbox', { name: 'Mark the company with a colour' }).check();
  await look.getByLabel('Colour', { exact: true }).fill('#aa3300');
  await look.getByLabel('Language').selectOption('Deutsch');
  await look.getByLabel('Time zone').selectOption('Asia/Tokyo');
  await look.getByRole('button', { name: 'Save look and language' }).click();
  await expect(page.locator('.status[autofocus]')).toHaveText('Aussehen und Sprache sind gespeichert.');
  await open(page, '/profile');
  await expect(page.getByLabel('Sprache')).toHaveValue('');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByLabel('Sprache').selectOption('English');
  await page.getByRole('button', { name: 'Einstellungen speichern' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test('a company that is the only one of a user stays in use', async ({ page, world }) => {
  await addPerson(world.name, bob);
  await world.enter(page);
  await open(page, `${COMPANIES}/new`);
  await page.getByRole('textbox', { name: 'Name' }).fill('North');
  await page.getByRole('button', { name: 'Add company' }).click();
  await arrive(page, COMPANIES);
  await workFor(world.name, world.person, [world.name, 'North']);
  await workFor(world.name, bob, ['North']);
  await open(page, COMPANIES);
  await page.getByRole('link', { name: 'North' }).click();
  const archive = page.getByRole('button', { name: 'Archive company' });
  await archive.click();
  await expect(page.getByRole('alert')).toHaveText(/1 user works for no other company in use/);
  await expect(switcher(page)).toBeVisible();

  await workFor(world.name, bob, ['North', world.name]);
  await archive.click();
  await expect(page.locator('.status[autofocus]')).toHaveText(/The company is archived\./);
  // The administrator works for one company now, so there is nothing to choose.
  await expect(switcher(page)).toHaveCount(0);
});
