import { open, profileButton } from '../support/pages.js';
import { expect, test } from '../support/test.js';
test('dbg', { tag: '@hydrated' }, async ({ page, world }) => {
  await world.enter(page);
  await open(page, '/');
  await page.evaluate(() => {
    (window as any).ev = [];
    for (const t of ['keydown', 'keypress', 'keyup', 'click', 'focusin', 'toggle', 'beforetoggle'])
      addEventListener(t, (e) => (window as any).ev.push(`${Math.round(performance.now())} ${t} ${(e.target as any).tagName}.${(e.target as any).className} ${(e as any).newState ?? ''}`), true);
  });
  for (const how of ['mouse', 'key']) {
    await page.getByRole('link', { name: 'Latchkey' }).click();
    await expect(page).toHaveURL('/');
    await page.evaluate(() => { (window as any).ev.length = 0; });
    await profileButton(page, world.person).click();
    const link = page.getByRole('group', { name: 'Account' }).getByRole('link', { name: 'My Profile' });
    if (how === 'mouse') await link.click(); else { await link.focus(); await page.keyboard.press('Enter'); }
    await expect(page).toHaveURL('/profile/security');
    await expect(page.getByRole('heading', { name: 'My Profile' })).toBeVisible();
    await page.evaluate(() => new Promise((r) => setTimeout(r, 500)));
    console.log(how, await page.getByRole('group', { name: 'Account' }).isVisible(), (await page.evaluate(() => (window as any).ev)).join('\n'));
  }
});
