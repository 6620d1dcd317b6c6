// What does not fit on a page.

import type { Page } from '@playwright/test';

/** The elements that extend beyond the sides of the window, with this direction of text. */
export async function overflow(page: Page, direction: 'ltr' | 'rtl'): Promise<string[]> {
  return page.evaluate((dir) => {
    const root = document.documentElement;
    const before = root.dir;
    root.dir = dir;
    const outside = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < -1 || right > root.clientWidth + 1;
    });
    const found = [`${root.scrollWidth} px, ${dir}`, ...outside.map((element) => element.outerHTML.slice(0, 200))];
    const fits = root.scrollWidth <= root.clientWidth;
    root.dir = before;
    return fits ? [] : found;
  }, direction);
}

/** The boxes whose content is wider than they are. A text field, a command and a name that is cut short may be. */
export async function overfull(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isBox = (element: Element): boolean => {
      const { display, textOverflow } = getComputedStyle(element);
      const mayBeFull = textOverflow === 'ellipsis' || element.matches('input, select, pre, code, svg');
      return element.checkVisibility() && display !== 'inline' && !mayBeFull;
    };
    const boxes = [...document.querySelectorAll('body *')].filter(isBox);
    const full = boxes.filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 1);
    return full.map((box) => `${box.scrollWidth} in ${box.clientWidth} px: ${box.outerHTML.slice(0, 200)}`);
  });
}
