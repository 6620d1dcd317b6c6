import { agents } from '../support/agents.js';
import { createDatabaseWithOneTimePassword, freshName } from '../support/database.js';
import { arrive, card, cards, dialog, hasScript, open, openMenu, password, sendLogIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';
import { World } from '../support/world.js';

const grace = { login: 'grace@example.com', name: 'Grace Hopper', password: 'a moth in the relay of room nine' };

test.describe('from the first log-in to the first revocation', () => {
  test.use({
    world: async ({ server }, use) => {
      const name = freshName();
      const password = await createDatabaseWithOneTimePassword(name, grace);
      const world = new World(server, name, { ...grace, password });
      await use(world);
      await world.drop();
    },
  });

  test('an administrator logs in, sets a password, finds the devices, and revokes one', async ({
    page,
    world,
    anotherBrowser,
  }) => {
    await test.step('the one-time password leads to a password of their own', async () => {
      await open(page, '/');
      await arrive(page, '/login');
      await sendLogIn(page, world.person);
      await arrive(page, '/new-password');
      await password(page, 'New password').fill(grace.password);
      await password(page, 'Repeat new password').fill(grace.password);
      await page.getByRole('button', { name: 'Set password' }).click();
      await arrive(page, '/');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Grace Hopper');
      const told = page.getByRole('status').filter({ hasText: 'Your password is set.' });
      await expect(told).toBeFocused();
      await open(page, '/');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, Grace Hopper');
      await expect(told).toBeHidden();
      await expect(page.getByRole('heading', { name: 'Where you’re logged in (1)' })).toBeVisible();
    });

    await test.step('the corner leads to My Profile and its devices', async () => {
      const menu = await openMenu(page, grace);
      await expect(menu).toContainText(grace.login);
      await expect(menu).toContainText(world.name);
      await menu.getByRole('link', { name: 'My Profile' }).click();
      await arrive(page, '/profile');
      await page.getByRole('navigation', { name: 'My Profile' }).getByRole('link', { name: 'Devices' }).click();
      await arrive(page, '/profile/devices');
      await expect(cards(page)).toHaveCount(1);
      await expect(card(page, 'Chrome on Linux')).toContainText('This device');
      await expect(card(page, 'Chrome on Linux')).toContainText('First log-in, with a one-time password');
      await expect(page.getByText('You’re not logged in anywhere else.')).toBeVisible();
    });

    const other = await anotherBrowser({ userAgent: agents.firefoxOnWindows });
    await test.step('a second browser shows up', async () => {
      await open(other, '/profile/devices');
      await sendLogIn(other, grace);
      await arrive(other, '/profile/devices');
      for (const browser of [page, other]) {
        await open(browser, '/profile/devices');
        await expect(cards(browser)).toHaveCount(2);
      }
      await expect(cards(page).first()).toContainText('Chrome on Linux');
      await expect(cards(other).first()).toContainText('Firefox on Windows');
    });

    await test.step('the dialog asks once, and the device is gone', async () => {
      await card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }).click();
      const question = dialog(page, 'Revoke Firefox on Windows?');
      await expect(question).toContainText('It will be logged out right away.');
      await question.getByRole('button', { name: 'Revoke' }).click();
      await expect(page.getByRole('status')).toContainText('logged out.');
      await expect(cards(page)).toHaveCount(1);
      await expect(question).toBeHidden();
    });

    await test.step('the second browser is out, is told why, and comes back to where it was', async () => {
      // With script the page leaves by itself.
      if (!hasScript()) await open(other, '/profile/devices');
      await arrive(other, '/login?next=/profile/devices');
      await expect(other.getByRole('status')).toHaveText(
        /^Your device Chrome on Linux logged this one out today at \d\d:\d\d( UTC)?\. Not you\? /,
      );
      await sendLogIn(other, grace);
      await arrive(other, '/profile/devices');
      await expect(cards(other)).toHaveCount(2);
      await expect(card(other, 'Firefox on Windows')).toContainText('This device');
    });
  });
});
