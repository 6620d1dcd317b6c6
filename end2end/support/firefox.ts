// Firefox from the system's packages. Playwright drives this browser by WebDriver BiDi.

import { existsSync } from 'node:fs';

const executablePath = process.env.LATCHKEY_FIREFOX ?? ['/usr/bin/firefox-esr'].find(existsSync);

/** The settings of a project in Firefox; `undefined` if this machine has no Firefox. */
export const firefox = executablePath
  ? {
      browserName: 'firefox' as const,
      channel: 'moz-firefox',
      launchOptions: { executablePath },
      // Pictures need a style of Playwright's own, which the policy of the pages refuses.
      screenshot: 'off' as const,
    }
  : undefined;
