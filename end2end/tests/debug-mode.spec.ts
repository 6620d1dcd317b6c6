// Debug mode: how the server makes the pages of the person.

import { violations } from '../support/accessibility.js';
import { addPerson, type Person } from '../support/database.js';
import { overflow } from '../support/layout.js';
import { arrive, hasScript, logIn, open, openMenu } from '../support/pages.js';
import { expect, test } from '../support/test.js';

const bob: Person = { login: 'bob@example.com', name: 'Bob Noyce', password: 'correct horse battery staple' };

test('an administrator turns it on in the menu, and each page shows its statements', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/profile/security');
  const mark = page.getByRole('banner').getByRole('link', { name: 'Debug' });
  const panel = page.getByRole('region', { name: 'Debug mode' });
  await expect(mark).toHaveCount(0);
  await expect(panel).toHaveCount(0);

  let menu = await openMenu(page, world.person);
  await menu.getByRole('button', { name: 'Turn on debug mode' }).click();
  await expect(page).toHaveURL('/profile/security');
  await expect(mark).toBeVisible();

  // Another page has other statements, also if script brings it into the document.
  menu = await openMenu(page, world.person);
  await menu.getByRole('link', { name: 'Groups' }).click();
  await arrive(page, '/settings/groups');
  // The page before has such a panel, too.
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Groups');
  const summary = panel.locator('summary', { hasText: 'SQL statements of this page' });
  await expect(summary).toHaveText(/ \([1-9]\d* · \d+\.\d\d ms\)$/);
  await summary.click();
  const rows = panel.getByRole('row');
  await expect(rows.filter({ hasText: 'from access_version' })).toHaveCount(1);
  await expect(rows.filter({ hasText: 'set local role latchkey_restricted' })).not.toHaveCount(0);

  await panel.getByText('Session', { exact: true }).click();
  await expect(panel).toContainText('administrator, user');
  if (hasScript()) expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overflow(page, 'ltr')).toEqual([]);
  await mark.click();
  await expect(panel.getByRole('heading')).toBeInViewport();

  menu = await openMenu(page, world.person);
  await menu.getByRole('button', { name: 'Turn off debug mode' }).click();
  await expect(page).toHaveURL('/settings/groups');
  await expect(mark).toHaveCount(0);
  await expect(panel).toHaveCount(0);
});

test('the address of a page turns it on, for all tabs of the session', async ({ page, context, world }) => {
  await world.enter(page);
  await open(page, '/profile');
  const mark = page.getByRole('banner').getByRole('link', { name: 'Debug' });
  const other = await context.newPage();
  await other.goto('/profile/security?debug=assets');
  await expect(other).toHaveURL('/profile/security');
  await expect(other.getByRole('region', { name: 'Debug mode' }).getByText('Files of this page')).toBeVisible();
  // Without script the other tab finds out at its next page.
  if (!hasScript()) await page.reload();
  await mark.click();
  const panel = page.getByRole('region', { name: 'Debug mode' });
  await expect(panel).toBeVisible();
});

test('for a person without the right the address changes nothing', async ({ page, world }) => {
  await addPerson(world.name, bob, world.server);
  await open(page, '/login');
  await logIn(page, bob);
  await open(page, '/?debug=1');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Debug' })).toHaveCount(0);
  const menu = await openMenu(page, bob);
  await expect(menu.getByRole('button', { name: /debug mode/ })).toHaveCount(0);
});
