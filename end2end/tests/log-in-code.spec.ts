// A log-in code lets its owner in on a new device while too many attempts have failed.

import type { Page } from '@playwright/test';

import { agents } from '../support/agents.js';
import { makeLogInCode, type Person } from '../support/database.js';
import { arrive, logIn, open, password, ready } from '../support/pages.js';
import { expect, test } from '../support/test.js';
import type { World } from '../support/world.js';

const TOO_MANY = /^Too many failed attempts\. Wait \d+ seconds, then try again\.$/;

const CODE_REFUSED =
  /^The log-in code was not accepted: it is mistyped, used already or older than ten minutes, or no code is accepted from your network for a while\.\s*Too many failed attempts\. Wait \d+ seconds, then try again\.$/;

const WAYS: [string, (page: Page, world: World) => Promise<string>][] = [
  [
    'made on the page Security',
    async (page, world) => {
      await logIn(page, world.person, '/profile/security');
      const panel = page.getByRole('region', { name: 'Log in on another device' });
      await password(panel, 'Your password').fill(world.person.password);
      await panel.getByRole('button', { name: 'Get a log-in code' }).click();
      const made = panel.getByRole('status');
      await expect(made).toHaveText(/^Your log-in code is \S{4}-\S{4}\. It works once, within ten minutes\.$/);
      return /\S{4}-\S{4}/.exec((await made.textContent()) ?? '')![0];
    },
  ],
  ['made by an administrator', async (_, world) => makeLogInCode(world.name, world.person)],
];

for (const [way, make] of WAYS) {
  test(`a code ${way} lets its owner in at the limit, once`, async ({ page, world, watch, anotherBrowser }) => {
    watch.expectStatus(401, 429);
    // The owner's network is known: guesses from there have a separate counter, which also reaches its limit.
    await world.logIn(agents.firefoxOnWindows);
    const code = await make(page, world);
    const device = await anotherBrowser();
    await guessUntilThrottled(device, world.person);
    await expect(device.getByLabel('Log-in code')).toBeVisible();

    await send(device, world.person, '0000-0000');
    await expect(device.getByRole('alert')).toHaveText(CODE_REFUSED);
    await expect(device.getByLabel('Log-in code')).toHaveAttribute('aria-invalid', 'true');
    await send(device, world.person, code.toLowerCase().replace('-', ' '));
    await arrive(device, '/');

    const another = await anotherBrowser();
    await open(another, '/login');
    await another.getByText('I have a log-in code').click();
    await send(another, world.person, code);
    await expect(another.getByRole('alert')).toHaveText(CODE_REFUSED);
  });
}

async function guessUntilThrottled(page: Page, person: Person): Promise<void> {
  await open(page, '/login');
  const alert = page.getByRole('alert');
  for (let count = 0; count < 11; count += 1) {
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await send(page, { ...person, password: `wrong ${count}` });
    await answered;
    await expect(page.getByRole('button', { name: 'Log in' })).not.toHaveAttribute('aria-busy');
    await expect(alert).toBeVisible();
    await ready(page);
    if (TOO_MANY.test((await alert.textContent()) ?? '')) return;
  }
  throw new Error('the limit was not reached');
}

async function send(page: Page, person: Person, code?: string): Promise<void> {
  await page.getByLabel('Email or username').fill(person.login);
  await password(page).fill(person.password);
  if (code !== undefined) await page.getByLabel('Log-in code').fill(code);
  const answered = page.waitForResponse('**/api/log_in');
  await page.getByRole('button', { name: 'Log in' }).click();
  await answered;
}
