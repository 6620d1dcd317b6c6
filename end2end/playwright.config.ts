import { defineConfig } from '@playwright/test';

import { agents } from './support/agents.js';
import { chromium } from './support/chromium.js';
import { firefox } from './support/firefox.js';

const inChromium = { launchOptions: chromium, userAgent: agents.chromeOnLinux };

// Every test runs twice if both make sense: with script, and as a plain document of links and forms. Tests
// about behaviour that needs script are tagged `@hydrated`, tests about its absence `@no-javascript`. The tests tagged `@firefox`
// run in Firefox only, where there is one.
export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['html', { open: 'never' }]],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'hydrated', grepInvert: /@no-javascript|@firefox/, use: inChromium },
    { name: 'no-javascript', grepInvert: /@hydrated|@firefox/, use: { ...inChromium, javaScriptEnabled: false } },
    ...(firefox ? [{ name: 'firefox', grep: /@firefox/, use: firefox }] : []),
  ],
});
