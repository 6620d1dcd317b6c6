// In forced colours, as in the contrast themes of Windows, the browser drops backgrounds and shows transparent borders.

import type { Locator } from '@playwright/test';

import { agents } from '../support/agents.js';
import { open } from '../support/pages.js';
import { expect, test } from '../support/test.js';

test.use({ forcedColors: 'active' });

test('the open tab, marks and filled buttons are told from what is beside them', async ({ page, world }) => {
  await world.enter(page);
  await world.logIn(agents.safariOnIphone);
  await open(page, '/profile/devices');
  const tabs = page.getByRole('navigation', { name: 'My Profile' });
  const openTab = await style(tabs.getByRole('link', { name: 'Devices' }), 'border-block-end-color');
  const background = await style(page.locator('html'), 'background-color');
  expect(openTab).not.toBe(background);
  for (const other of ['Profile', 'Security', 'Activity']) {
    const line = await style(tabs.getByRole('link', { name: other, exact: true }), 'border-block-end-color');
    expect(line, other).toBe(background);
  }
  for (const mark of await page.locator('.badge').all()) {
    expect(await style(mark, 'border-top-width')).toBe('1px');
    expect(await style(mark, 'border-top-color')).not.toBe(background);
  }

  await open(page, '/profile/security');
  const filled = page.getByRole('button', { name: 'Change password' });
  const plain = page.getByRole('banner').getByRole('button').first();
  expect(await style(filled, 'background-color')).not.toBe(await style(plain, 'background-color'));
  expect(await style(filled, 'background-color')).not.toBe(background);
});

function style(element: Locator, property: string): Promise<string> {
  return element.evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), property);
}
