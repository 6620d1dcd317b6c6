// Makes the layout independent of a machine's fonts.

import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

// A font with one box for every character, 0.8 em wide, which is wider than any font that people read.
// Browsers size inputs by the average width (OS/2), which matches. Made with fontTools.
const wide = readFileSync(new URL('wide.ttf', import.meta.url)).toString('base64');

/** Shows the page in a font of wide characters while `inspect` runs. */
export async function inWideFont(page: Page, inspect: () => Promise<void>): Promise<void> {
  await page.evaluate((base64) => {
    // The font comes from bytes in memory, because the content security policy does not bind them.
    const face = new FontFace('wide', Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
    document.fonts.add(face);
    for (const token of ['--font', '--font-code']) document.documentElement.style.setProperty(token, 'wide');
  }, wide);
  await inspect();
  await page.evaluate(() => {
    for (const token of ['--font', '--font-code']) document.documentElement.style.removeProperty(token);
  });
}

/** Doubles the size of all text while `inspect` runs (WCAG 1.4.4). */
export async function inLargeText(page: Page, inspect: () => Promise<void>): Promise<void> {
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
  await inspect();
  await page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
}
