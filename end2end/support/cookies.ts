// The cookies of a browser, by their writer.

import type { BrowserContext, Cookie } from '@playwright/test';

/** The cookie that script writes for the server. It has no secret and ends with the browser. */
export const TIME_ZONE = 'latchkey-time-zone';

/** The cookies that the server has set. */
export async function cookiesOfServer(context: BrowserContext): Promise<Cookie[]> {
  return (await context.cookies()).filter((cookie) => cookie.name !== TIME_ZONE);
}
