// The actions of people on the pages. Everything is found by role and label.

import { expect, test, type Locator, type Page } from '@playwright/test';

import type { Person } from './database.js';

/** Waits until script has hydrated the page, in the project that has script. */
export async function ready(page: Page): Promise<void> {
  if (hasScript()) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

/** Whether this project runs script. */
export function hasScript(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Opens an address and waits until the page answers. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await ready(page);
}

/** Waits for the page that an action leads to. */
export async function arrive(page: Page, path: string): Promise<void> {
  await expect(page).toHaveURL(path);
  await ready(page);
}

/** Fills in the log-in form and sends it. */
export async function sendLogIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel('Email or username').fill(person.login);
  await password(page).fill(person.password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Logs in from the page that a stranger sees at `landing`, and waits for `landing`. */
export async function logIn(page: Page, person: Person, landing = '/'): Promise<void> {
  await open(page, landing);
  await sendLogIn(page, person);
  await arrive(page, landing);
}

/** The password field, and not the button that shows its text. */
export function password(within: Page | Locator, label = 'Password'): Locator {
  return within.getByRole('textbox', { name: label, exact: true });
}

/** The button in the corner with the person's name. */
export function profileButton(page: Page, person: Person): Locator {
  return page.getByRole('banner').getByRole('button', { name: person.name });
}

/** Opens the menu in the corner. */
export async function openMenu(page: Page, person: Person): Promise<Locator> {
  await profileButton(page, person).click();
  const menu = page.getByRole('group', { name: 'Account' });
  await expect(menu).toBeVisible();
  return menu;
}

/** The button of the top bar with the companies of the session. */
export function switcher(page: Page): Locator {
  return page.getByRole('button', { name: /^Companies: / });
}

export async function openSwitcher(page: Page): Promise<Locator> {
  await switcher(page).click();
  const menu = page.locator('#company-menu');
  await expect(menu).toBeVisible();
  return menu;
}

/** All cards of the Devices page. */
export function cards(page: Page): Locator {
  return page.getByRole('main').getByRole('article');
}

/** The card of one device. */
export function card(page: Page, device: string): Locator {
  return page.getByRole('main').getByRole('article', { name: device });
}

/** The question before something is revoked. */
export function dialog(page: Page, title: string): Locator {
  return page.getByRole('dialog', { name: title });
}
