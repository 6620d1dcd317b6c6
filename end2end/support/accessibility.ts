// Runs axe-core in the page.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';

declare global {
  interface Window {
    axe: { run(options: RunOptions): Promise<AxeResults> };
  }
}

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The violations that axe finds, one line for each element. */
export async function violations(page: Page): Promise<string[]> {
  // The debugger evaluates the source, because the content security policy does not bind it.
  await page.evaluate(source);
  const results = await page.evaluate(
    async (tags) => window.axe.run({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }),
    standards,
  );
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html}${node.failureSummary ? `\n${node.failureSummary}` : ''}`),
  );
}
