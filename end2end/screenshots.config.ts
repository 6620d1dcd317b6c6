import { defineConfig } from '@playwright/test';

import { agents } from './support/agents.js';
import { chromium } from './support/chromium.js';

// Takes the pictures of the documentation from the real product: `cargo xtask screenshots`.
export default defineConfig({
  testDir: 'screenshots',
  workers: 1,
  retries: 0,
  reporter: 'list',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    launchOptions: chromium,
    userAgent: agents.firefoxOnLinux,
    viewport: { width: 1000, height: 700 },
    deviceScaleFactor: 1.25,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    extraHTTPHeaders: { 'X-Forwarded-For': '192.168.178.24' },
  },
});
