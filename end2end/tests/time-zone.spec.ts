import type { Page } from '@playwright/test';

import { card, logIn } from '../support/pages.js';
import { expect, test } from '../support/test.js';

for (const zone of ['America/New_York', 'Asia/Kolkata']) {
  test.describe(`a browser in ${zone}`, { tag: '@hydrated' }, () => {
    test.use({ timezoneId: zone });

    test('shows times of its own zone', async ({ page, world }) => {
      await logIn(page, world.person, '/profile/devices');
      const { words, machine } = await signedIn(page);
      expect(words).toBe(`Signed in ${written(new Date(machine), zone)}`);
    });
  });
}

test('without a known zone times are UTC, and say so', { tag: '@no-javascript' }, async ({ page, world }) => {
  await logIn(page, world.person, '/profile/devices');
  const { words, machine } = await signedIn(page);
  expect(words).toBe(`Signed in ${written(new Date(machine), 'UTC')} UTC`);
});

async function signedIn(page: Page): Promise<{ words: string | null; machine: string }> {
  const time = card(page, 'Chrome on Linux').getByRole('time').filter({ hasText: 'Signed in' });
  return { words: await time.textContent(), machine: (await time.getAttribute('datetime')) ?? '' };
}

/** "23 Nov 2026, 14:02". */
function written(moment: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute}`;
}
