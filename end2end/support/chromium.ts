// The browser of the system's packages, so that nothing is downloaded.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const places = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => `/usr/bin/${name}`);

export const chromium = {
  // The fonts of the project, and none of the machine.
  env: { ...process.env, FONTCONFIG_FILE: fileURLToPath(new URL('../fonts.conf', import.meta.url)) },
  executablePath: process.env.LATCHKEY_CHROMIUM ?? places.find(existsSync) ?? places[0],
  args: [
    '--no-sandbox',
    // The domain `test` is reserved (RFC 2606).
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
