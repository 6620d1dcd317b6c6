// In another language: no text comes from outside the catalogue, every page fits, and pages can be written from right to left.

import type { Page } from '@playwright/test';

import { violations } from '../support/accessibility.js';
import { agents } from '../support/agents.js';
import { inWideFont } from '../support/fonts.js';
import { overflow, overfull } from '../support/layout.js';
import { open } from '../support/pages.js';
import { expect, test } from '../support/test.js';
import { walk } from '../support/walk.js';

// What stands on a page but is no text of the catalogue: names, logins, addresses, a command, a moment alone, a countdown, a code.
const DATA = 'bdi, code, option, time.moment, [role=timer], .status__code, script, style, noscript';

for (const { language, direction, marks } of [
  { language: 'en-XA', direction: 'ltr', marks: ['[!!!', '···'] },
  { language: 'ar-XB', direction: 'rtl', marks: ['\u202e'] },
] as const) {
  test.describe(`in the pseudo-language ${language}`, () => {
    test.use({ locale: language });

    for (const viewport of [
      { width: 320, height: 640 },
      { width: 1280, height: 800 },
    ]) {
      test.describe(`${viewport.width} px wide`, () => {
        test.use({ viewport });

        test('every text comes from the catalogue, and every page fits', async ({ page, world, watch }) => {
          test.slow();
          await walk(page, world, watch, async () => {
            await expect.soft(page.locator('html')).toHaveAttribute('lang', language);
            await expect.soft(page.locator('html')).toHaveAttribute('dir', direction);
            expect.soft(await foreign(page, marks), page.url()).toEqual([]);
            expect.soft(await overflow(page, direction), page.url()).toEqual([]);
            expect.soft(await overfull(page), page.url()).toEqual([]);
          });
        });
      });
    }

    test('a page that expires speaks the language of the page', { tag: '@hydrated' }, async ({ page, watch, inHaste }) => {
      watch.expectStatus(401);
      const { world } = await inHaste({ LATCHKEY__SESSIONS__IDLE_TIMEOUT: '10s', LATCHKEY__SERVER__PSEUDO_LANGUAGES: 'true' });
      await world.enter(page);
      await open(page, world.origin);
      for (const dialog of ['#session-warning', '#session-lock']) {
        await expect(page.locator(dialog)).toBeVisible({ timeout: 20_000 });
        expect.soft(await foreign(page, marks), dialog).toEqual([]);
        expect.soft(await overfull(page), dialog).toEqual([]);
      }
    });
  });
}

// axe checks every page in English, too (`appearance.spec.ts`). What a rule is about hardly depends on the language.
for (const { language, direction, isChecked } of [
  { language: 'ar', direction: 'rtl', isChecked: true },
  { language: 'de', direction: 'ltr', isChecked: true },
  { language: 'es', direction: 'ltr', isChecked: false },
  { language: 'fr', direction: 'ltr', isChecked: false },
  { language: 'pl', direction: 'ltr', isChecked: false },
] as const) {
  test.describe(`in the language ${language}, 320 px wide`, () => {
    test.use({ locale: language, viewport: { width: 320, height: 640 } });

    test('every page fits and has its direction', { tag: '@hydrated' }, async ({ page, world, watch }) => {
      test.slow();
      await walk(page, world, watch, async () => {
        await expect.soft(page.locator('html')).toHaveAttribute('lang', language);
        await expect.soft(page.locator('html')).toHaveAttribute('dir', direction);
        expect.soft(await overflow(page, direction), page.url()).toEqual([]);
        expect.soft(await overfull(page), page.url()).toEqual([]);
        // For some seconds a message may cover what can be pressed. `appearance.spec.ts` measures the sizes.
        const barriers = isChecked ? (await violations(page)).filter((barrier) => !barrier.startsWith('target-size')) : [];
        expect.soft(barriers, page.url()).toEqual([]);
      });
    });
  });
}

test.describe('on a narrow phone', () => {
  test.use({ viewport: { width: 320, height: 640 } });

  for (const language of ['pl', 'fr', 'de', 'es']) {
    test.describe(`in the language ${language}`, () => {
      test.use({ locale: language });

      test('tabs share their rows evenly, and a card has its controls in one row', { tag: '@hydrated' }, async ({ page, world }) => {
        await world.logIn(agents.firefoxOnWindows);
        await world.enter(page);
        await open(page, '/profile/devices');
        const look = async (font: string): Promise<void> => {
          const tabs = page.locator('.tabs__tab');
          const tops = await tabs.evaluateAll((all) => all.map((tab) => Math.round(tab.getBoundingClientRect().top)));
          const rows = [...new Set(tops)].map((row) => tops.filter((top) => top === row).length);
          expect.soft([[4], [2, 2]], `${language}, ${font}: ${rows.join(' and ')} tabs`).toContainEqual(rows);
          for (const device of await page.locator('.device').all()) {
            const details = (await device.locator('.device__open').boundingBox())!;
            const button = (await device.locator('.device__action button').boundingBox())!;
            expect.soft(Math.abs(details.y - button.y), `${language}, ${font}`).toBeLessThan(2);
            expect.soft(details.x + details.width, `${language}, ${font}`).toBeLessThan(button.x);
          }
          expect.soft(await overflow(page, 'ltr'), `${language}, ${font}`).toEqual([]);
        };
        await look('in the usual font');
        await inWideFont(page, () => look('in a wide font'));
      });
    });
  }
});

test('without a pseudo-language a page is in English', async ({ page }) => {
  await open(page, '/login');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  expect(await foreign(page, ['[!!!'])).toContain('Log in');
});

/** The visible texts and the names for screen readers that have none of the marks of the pseudo-language. */
async function foreign(page: Page, marks: readonly string[]): Promise<string[]> {
  return page.evaluate(
    ({ marks, data }) => {
      const texts: string[] = [document.title];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement!;
        if (parent.checkVisibility() && !parent.closest(data)) texts.push(walker.currentNode.nodeValue ?? '');
      }
      for (const attribute of ['aria-label', 'title', 'placeholder', 'alt']) {
        for (const element of document.querySelectorAll(`[${attribute}]`)) {
          if (!element.matches('time')) texts.push(element.getAttribute(attribute)!);
        }
      }
      // A browser with its version, as in "Chrome 142.0", has no words.
      const isVersion = (text: string): boolean => /^\w+ [\d.]+$/.test(text);
      return texts
        .map((text) => text.trim())
        .filter((text) => text && !isVersion(text) && !marks.some((mark) => text.includes(mark)));
    },
    { marks, data: DATA },
  );
}
