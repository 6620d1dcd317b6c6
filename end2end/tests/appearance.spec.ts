// Every page is accessible, in light and dark, on small and enlarged screens.

import type { Page } from '@playwright/test';

import { violations } from '../support/accessibility.js';
import { inLargeText, inWideFont } from '../support/fonts.js';
import { overflow } from '../support/layout.js';
import { hasScript } from '../support/pages.js';
import { expect, test } from '../support/test.js';
import { tour } from '../support/tour.js';
import type { Watch } from '../support/watch.js';

// The smallest target, in CSS pixels (WCAG 2.5.5).
const TARGET = 44;

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    // axe itself needs script. Without Latchkey's script the pages are as without any script.
    test.use({ colorScheme, javaScriptEnabled: true });

    test('no page has a barrier that axe finds', async ({ page, world, watch }) => {
      if (!hasScript()) await keepOurScriptAway(page, watch);
      await tour(page, world, watch, async () => {
        expect.soft(await violations(page), page.url()).toEqual([]);
        expect.soft(await brightness(page), page.url()).toBe(colorScheme);
      });
    });
  });
}

for (const { title, viewport, textToo } of [
  { title: '320 px wide', viewport: { width: 320, height: 640 }, textToo: false },
  // The window that is left of 1280 × 800. Then the text alone is enlarged once more.
  { title: 'enlarged to 200 %', viewport: { width: 640, height: 400 }, textToo: true },
]) {
  test.describe(title, () => {
    test.use({ viewport });

    test('every page fits, and what can be pressed is large enough', async ({ page, world, watch }) => {
      const fits = async (how: string): Promise<void> => {
        const where = `${page.url()}, ${how}`;
        expect.soft(await overflow(page, 'ltr'), where).toEqual([]);
        expect.soft(await overflow(page, 'rtl'), where).toEqual([]);
      };
      await tour(page, world, watch, async () => {
        await fits('in the usual font');
        await inWideFont(page, () => fits('in a wide font'));
        if (textToo) await inLargeText(page, () => fits('in large text'));
        expect.soft(await smallTargets(page), page.url()).toEqual([]);
        expect.soft(await smallFields(page), page.url()).toEqual([]);
      });
    });
  });
}

async function keepOurScriptAway(page: Page, watch: Watch): Promise<void> {
  await page.route(/\/assets\/.*\.(js|wasm)$/, (route) => route.abort());
  watch.expect(/net::ERR_FAILED/, /Failed to fetch dynamically imported module/);
}

/** Controls that are too small to hit. Links in a sentence may be as small as its words. */
async function smallTargets(page: Page): Promise<string[]> {
  const controls = page.getByRole('button').or(page.getByRole('textbox')).or(page.getByRole('combobox'));
  const small: string[] = [];
  for (const control of await controls.all()) {
    const box = await control.boundingBox();
    if (box && (box.width < TARGET || box.height < TARGET)) {
      small.push(`${box.width} × ${box.height}: ${await control.textContent()}`);
    }
  }
  return small;
}

/** Fields with text below 16 px, for which Safari on iPhone enlarges the page. */
async function smallFields(page: Page): Promise<string[]> {
  return page.locator('input:not([type=checkbox], [type=hidden]), select, textarea').evaluateAll((fields) => {
    const small = fields.filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16);
    return small.map((field) => field.outerHTML.slice(0, 200));
  });
}

async function brightness(page: Page): Promise<'light' | 'dark'> {
  const [red = 0, green = 0, blue = 0] = await page.evaluate(() =>
    (getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g) ?? []).map(Number),
  );
  return red + green + blue > 3 * 128 ? 'light' : 'dark';
}
