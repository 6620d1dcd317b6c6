// The audit log, for people whose groups let them read it.

import { addPerson, type Person } from '../support/database.js';
import { arrive, open, openMenu } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const AUDIT = '/settings/audit';

const bob: Person = { login: 'bob@example.com', name: 'Bob Noyce', password: 'eleven green kettles whistle' };

test('the audit log says who has changed what', async ({ page, world }) => {
  await addPerson(world.name, bob);
  await world.enter(page);
  await open(page, '/settings/users');
  await page.getByRole('link', { name: bob.name }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(bob.name);
  const names = page.getByRole('region', { name: 'Name and username' });
  await names.getByRole('textbox', { name: 'Name', exact: true }).fill('Robert');
  await names.getByRole('button', { name: 'Save name and username' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Robert');

  const menu = await openMenu(page, world.person);
  await menu.getByRole('link', { name: 'Audit log' }).click();
  await arrive(page, AUDIT);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
  const entries = page.getByRole('main').getByRole('article');
  await expect(entries.first()).toHaveText(/^User changed\s*bob@example\.com/);
  await expect(entries.first().getByText('Name: Bob Noyce → Robert')).toBeVisible();
  await expect(entries.first().getByText(`By ${world.person.login}`)).toBeVisible();
  await expect(entries.nth(1)).toHaveText(/^User added\s*bob@example\.com.*On the server/);

  const search = page.getByRole('searchbox', { name: 'Search by username or name, or by who acted' });
  await search.fill('BOB@');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(entries).toHaveCount(2);
  await expect(search).toHaveValue('BOB@');
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as CSV' }).click();
  expect((await saved).suggestedFilename()).toMatch(/-audit-\d{4}-\d\d-\d\d\.csv$/);

  await page.getByRole('navigation', { name: 'Entries about' }).getByRole('link', { name: 'Groups' }).click();
  await expect(page.getByText('There is no such entry.')).toBeVisible();
  await expect(entries).toHaveCount(0);
});
