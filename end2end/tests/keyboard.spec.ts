import { agents } from '../support/agents.js';
import { arrive, card, cards, dialog, open, password, profileButton } from '../support/pages.js';
import { expect, test } from '../support/test.js';

test('logging in needs no mouse', async ({ page, world }) => {
  await open(page, '/login');
  await expect(page.getByLabel('Email or username')).toBeFocused();
  await page.keyboard.type(world.person.login);
  await page.keyboard.press('Tab');
  await expect(password(page)).toBeFocused();
  await page.keyboard.type(world.person.password);
  await page.keyboard.press('Enter');
  await arrive(page, '/');
});

test('Tab walks the log-in page in the order of sight', { tag: '@hydrated' }, async ({ page }) => {
  await open(page, '/login');
  const order = [
    page.getByLabel('Email or username'),
    password(page),
    page.getByRole('button', { name: 'Show password' }),
    page.getByRole('checkbox', { name: 'This is a shared computer' }),
    page.getByText('I have a log-in code'),
    page.getByRole('button', { name: 'Log in' }),
  ];
  for (const [index, control] of order.entries()) {
    if (index > 0) await page.keyboard.press('Tab');
    await expect(control).toBeFocused();
  }
});

test('the first Tab offers the way past the bar', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').getByRole('link').first()).toBeFocused();
});

test('Tab walks the bar and the devices in the order of sight', async ({ page, world }) => {
  await world.logIn(agents.firefoxOnWindows);
  await world.enter(page);
  await open(page, '/profile/devices');
  const tabs = page.getByRole('navigation', { name: 'My Profile' });
  const order = [
    page.getByRole('link', { name: 'Skip to content' }),
    page.getByRole('link', { name: 'Latchkey' }),
    profileButton(page, world.person),
    tabs.getByRole('link', { name: 'Profile' }),
    tabs.getByRole('link', { name: 'Security' }),
    tabs.getByRole('link', { name: 'Devices' }),
    tabs.getByRole('link', { name: 'Activity' }),
    card(page, 'Chrome on Linux').getByText('Rename'),
    card(page, 'Chrome on Linux').getByText('Details'),
    card(page, 'Chrome on Linux').getByRole('button', { name: 'Log out' }),
    page.getByRole('button', { name: 'Revoke all other devices (1)' }),
    card(page, 'Firefox on Windows').getByText('Rename'),
    card(page, 'Firefox on Windows').getByText('Details'),
    card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' }),
  ];
  for (const control of order) {
    await page.keyboard.press('Tab');
    await expect(control).toBeFocused();
  }
});

test('the menu opens by Enter, closes by Escape, and gives the focus back', async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/');
  const corner = profileButton(page, world.person);
  const menu = page.getByRole('group', { name: 'Account' });
  await corner.focus();
  await page.keyboard.press('Enter');
  await expect(menu).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(corner).toBeFocused();

  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(menu.getByRole('link', { name: 'My Profile' })).toBeFocused();
  await page.keyboard.press('Enter');
  await arrive(page, '/profile');
  await expect(menu).toBeHidden();
});

test.describe('where script helps', { tag: '@hydrated' }, () => {
  test('the menu closes when Tab leaves it', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/');
    const menu = page.getByRole('group', { name: 'Account' });
    await profileButton(page, world.person).press('Enter');
    await page.keyboard.press('Tab');
    await expect(menu.getByRole('link', { name: 'My Profile' })).toBeFocused();
    await menu.getByRole('button', { name: 'Log out' }).focus();
    await expect(menu).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(menu).toBeHidden();
    await expect(page.locator(':focus')).toBeVisible();
  });

  test('Rename leads into the field, and Escape closes from the pencil, too', async ({ page, world }) => {
    await world.enter(page);
    await open(page, '/profile/devices');
    const device = card(page, 'Chrome on Linux');
    const field = device.getByLabel('Device name');
    await device.getByText('Rename').press('Enter');
    await expect(field).toBeFocused();
    await page.keyboard.type('Desk');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('status')).toContainText('Renamed to');
    const rename = card(page, 'Desk').getByText('Rename');
    await expect(rename).toBeFocused();
    await rename.press('Enter');
    await expect(card(page, 'Desk').getByLabel('Device name')).toBeFocused();
    await page.keyboard.type('x');
    await expect(card(page, 'Desk').getByLabel('Device name')).toHaveValue('x');
    await rename.focus();
    await page.keyboard.press('Escape');
    await expect(card(page, 'Desk').getByLabel('Device name')).toBeHidden();
    await expect(rename).toBeFocused();
  });

  test('"Show more" leads to the first device that was hidden', async ({ page, world }) => {
    for (let count = 0; count < 12; count += 1) await world.logIn(agents.firefoxOnWindows);
    await world.enter(page);
    await open(page, '/profile/devices');
    await page.getByRole('link', { name: 'Show 2 more' }).press('Enter');
    await expect(cards(page)).toHaveCount(13);
    await expect(cards(page).nth(11)).toBeFocused();
  });
});

test.describe('in the dialog', { tag: '@hydrated' }, () => {
  test.beforeEach(async ({ page, world }) => {
    await world.logIn(agents.safariOnIphone);
    await world.logIn(agents.firefoxOnWindows);
    await world.enter(page);
    await open(page, '/profile/devices');
  });

  test('Cancel has the focus, Tab stays inside, Escape closes, and the focus returns', async ({ page }) => {
    const revoke = card(page, 'Firefox on Windows').getByRole('button', { name: 'Revoke' });
    const question = dialog(page, 'Revoke Firefox on Windows?');
    const cancel = question.getByRole('button', { name: 'Cancel' });
    await revoke.press('Enter');
    await expect(cancel).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(question.getByRole('button', { name: 'Revoke' })).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(cancel).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await expect(revoke).toBeFocused();

    await revoke.press('Enter');
    await expect(cancel).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(question).toBeHidden();
    await expect(revoke).toBeFocused();
    await expect(cards(page)).toHaveCount(3);
  });

  test('after a revocation the focus is on the next card, and at last on the heading', async ({ page }) => {
    await revokeByKeyboard('Firefox on Windows');
    await expect(card(page, 'Safari on iPhone')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(card(page, 'Safari on iPhone').getByText('Rename')).toBeFocused();
    await revokeByKeyboard('Safari on iPhone');
    await expect(page.getByRole('heading', { name: 'Devices', level: 2 })).toBeFocused();

    async function revokeByKeyboard(device: string): Promise<void> {
      await card(page, device).getByRole('button', { name: 'Revoke' }).press('Enter');
      await dialog(page, `Revoke ${device}?`).getByRole('button', { name: 'Revoke' }).press('Enter');
      await expect(page.getByRole('status')).toHaveText(`${device} was logged out.`);
    }
  });
});
