// What a person loads and waits for. The figures go to the benchmark, `server/bench/src/browser.rs`, which has the targets.

import { writeFileSync } from 'node:fs';

import { expect, test, type Browser } from '@playwright/test';

import { arrive, logIn, open, sendLogIn } from '../support/pages.js';
import { untilPainted, follow, linkTo, requestAlone, timeBlocked, watchForDevices } from './in_page.js';
import { fast4g, PRESSED, slow, Visit, type Cookies, type Transfer } from './visit.js';

const DEVICES = '/profile/devices';
/** What an open Devices page asks for, once it is hydrated. */
const OVERVIEW = '/api/device_overview';
const EVENTS = '/api/session_events';

/** A walk over the pages of a person that begins at Home. */
const WALK = [
  [DEVICES, 'Devices'],
  ['/profile/security', 'Security'],
  ['/profile/activity', 'Activity'],
  ['/', 'Home'],
] as const;

const ROUNDS = 9;
const SLOWDOWN = 4;

type Figures = {
  logInPageBytes: number;
  bytesInAdvance: number;
  wasmBytesOfFurtherLanguage: number;
  devicesBytes: number;
  documentsOfWalk: number;
  eventStreams: number;
  heapGrowth: number;
  toDevicesMs: number;
  toDevicesByRequestAlone: number;
  devicesBlockedMs: number;
  homeHydratedMs: number;
  homeHydratedSincePressMs: number;
  homeHydratedAtFirstMs: number;
};

const figures: Partial<Figures> = {};
/** A person with 19 devices. */
const person = { login: given('LOGIN'), name: '', password: given('PASSWORD') };
let storageState: Cookies;

// The log-ins of a test are devices in the tests after it.
test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  const visit = await Visit.begin(browser);
  await logIn(visit.page, person);
  storageState = await visit.page.context().storageState();
  await visit.end();
});

test.afterAll(() => writeFileSync(given('FIGURES'), JSON.stringify(figures)));

test('first load of the log-in page, in two languages', async ({ browser }) => {
  const english = await loadLogInPage(browser, 'en');
  const german = await loadLogInPage(browser, 'de');
  const isNow = (one: Transfer) => !one.isInAdvance;
  const isWasm = (one: Transfer) => isNow(one) && one.path.endsWith('.wasm');
  figures.logInPageBytes = bytes(english, isNow);
  figures.bytesInAdvance = bytes(english) - bytes(english, isNow);
  figures.wasmBytesOfFurtherLanguage = bytes(german, isWasm) - bytes(english, isWasm);
});

test('first load of Devices', async ({ browser }) => {
  const visit = await Visit.begin(browser, { storageState });
  await visit.answered(OVERVIEW, () => open(visit.page, DEVICES));
  await visit.settled();
  figures.devicesBytes = bytes(visit.transfers);
  tell('Devices', visit.transfers);
  await visit.end();
});

test('a walk over the pages, many times', async ({ browser }) => {
  const visit = await Visit.begin(browser, { storageState });
  const { page } = visit;
  const count = (is: (one: Transfer) => boolean) => visit.transfers.filter(is).length;
  const isStream = ({ path }: Transfer) => path === EVENTS;
  await open(page, '/');
  await expect.poll(() => count(isStream)).toBeGreaterThan(0);
  for (const [path, title] of WALK) {
    await page.locator(linkTo(path)).first().click();
    await expect(page).toHaveTitle(`${title} · Latchkey`);
  }
  figures.documentsOfWalk = count(({ type }) => type === 'Document') - 1;

  const heaps: number[] = [];
  for (let lap = 1; lap <= 50; lap += 1) {
    for (const [path] of WALK) {
      const step = () => page.evaluate(follow, linkTo(path));
      await step();
    }
    if (lap === 5 || lap === 50) heaps.push(await visit.heap());
  }
  const [after20 = NaN, after200 = NaN] = heaps;
  figures.heapGrowth = after200 / after20;
  figures.eventStreams = count(isStream);
  console.log(`  heap: ${after20} bytes after 20, ${after200} after 200`);
  await visit.end();
});

test('Home to Devices', async ({ browser }) => {
  const visit = await Visit.begin(browser, { storageState });
  const { page } = visit;
  await open(page, '/');
  await visit.throttle(slow, SLOWDOWN);
  const alone: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await page.evaluate(requestAlone, DEVICES));
    await page.evaluate(watchForDevices);
    const step = async () => {
      await page.locator(linkTo(DEVICES)).first().click();
      return page.evaluate(untilPainted);
    };
    whole.push(await visit.answered(OVERVIEW, step));
    await visit.answered('/', () => page.evaluate(follow, linkTo('/')));
  }
  figures.toDevicesMs = median('Home to Devices', whole);
  figures.toDevicesByRequestAlone = figures.toDevicesMs / median('request alone', alone);
  await visit.end();
});

test('how long Devices does not answer while it loads', async ({ browser }) => {
  const visit = await Visit.begin(browser, { storageState });
  const { page } = visit;
  await visit.answered(OVERVIEW, () => open(page, DEVICES));
  await visit.throttle(slow, SLOWDOWN);
  const blocked: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await visit.answered(OVERVIEW, () => open(page, DEVICES));
    await expect(page.getByRole('heading', { name: 'Other devices (19)' })).toBeVisible();
    blocked.push(await page.evaluate(timeBlocked));
  }
  figures.devicesBlockedMs = median('Devices blocked', blocked);
  await visit.end();
});

test('Home after the log-in', async ({ browser }) => {
  const ofSession = /latchkey-session-/;
  const known = storageState.cookies.filter(({ name }) => !ofSession.test(name));
  const again: number[] = [];
  const first: number[] = [];
  const sincePress: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const logIn = await logInOverFast4g(browser, { cookies: known, origins: [] });
    again.push(logIn.hydrated);
    sincePress.push(logIn.sincePress);
    first.push((await logInOverFast4g(browser)).hydrated);
  }
  figures.homeHydratedMs = median('Home hydrated', again);
  figures.homeHydratedSincePressMs = median('since the press', sincePress);
  figures.homeHydratedAtFirstMs = median('Home hydrated, first log-in', first);
});

async function logInOverFast4g(browser: Browser, storageState?: Cookies): Promise<{ hydrated: number; sincePress: number }> {
  const visit = await Visit.begin(browser, { storageState });
  const { page } = visit;
  await visit.throttle(fast4g);
  await openLogInPage(visit);
  await sendLogIn(page, person);
  await arrive(page, '/');
  const [hydrated, origin, pressed] = await page.evaluate(
    (key) => [globalThis.seen.hydratedAt, performance.timeOrigin, Number(sessionStorage.getItem(key))] as const,
    PRESSED,
  );
  await visit.end();
  return { hydrated, sincePress: origin + hydrated - pressed };
}

async function loadLogInPage(browser: Browser, locale: string): Promise<Transfer[]> {
  const visit = await Visit.begin(browser, { locale });
  await openLogInPage(visit);
  await expect(visit.page.locator('html')).toHaveAttribute('lang', locale);
  tell(`log-in page (${locale})`, visit.transfers);
  await visit.end();
  return visit.transfers;
}

/** Opens the log-in page, and waits until script and WebAssembly of the page after the log-in are there. */
async function openLogInPage(visit: Visit): Promise<void> {
  await open(visit.page, '/login');
  const ahead = () => visit.transfers.filter((one) => one.isInAdvance && one.bytes !== undefined).length;
  await expect.poll(ahead).toBe(2);
  await visit.settled();
}

function bytes(transfers: Transfer[], is: (one: Transfer) => boolean = () => true): number {
  return transfers.filter(is).reduce((sum, one) => sum + (one.bytes ?? 0), 0);
}

function tell(what: string, transfers: Transfer[]): void {
  for (const { path, isInAdvance, bytes = 'not ended' } of transfers) {
    console.log(`  ${what}: ${path}, ${bytes}${isInAdvance ? ', in advance' : ''}`);
  }
}

function median(what: string, values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  console.log(`  ${what}: ${sorted.map(Math.round).join(' ')} ms`);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function given(name: string): string {
  const value = process.env[`LATCHKEY_BENCH_${name}`];
  if (!value) throw new Error(`LATCHKEY_BENCH_${name} is not set: measure by \`cargo xtask bench\``);
  return value;
}
