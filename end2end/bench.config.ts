import { defineConfig } from '@playwright/test';

import { chromium } from './support/chromium.js';

// Measures the release server with a browser: a part of `cargo xtask bench`, which starts the server.
export default defineConfig({
  testDir: 'bench',
  testMatch: '*.bench.ts',
  workers: 1,
  retries: 0,
  reporter: 'list',
  timeout: 300_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL: process.env.LATCHKEY_BENCH_ORIGIN,
    launchOptions: chromium,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  },
});
