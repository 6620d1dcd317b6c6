// `test` with a separate world: a database that no other test uses, its host name, and watched browsers.

import { test as base, type BrowserContextOptions, type Page } from '@playwright/test';

import { Server, type Variables } from './program.js';
import { Watch } from './watch.js';
import { World } from './world.js';

type Fixtures = {
  world: World;
  watch: Watch;
  serverLog: void;
  /** A further browser at the same origin, with separate cookies. */
  anotherBrowser: (options?: BrowserContextOptions) => Promise<Page>;
  /** A further node on the same PostgreSQL. A test may stop it before its end. */
  startServer: () => Promise<Server>;
  /** A world with short-lived sessions, on a separate server and PostgreSQL. */
  inHaste: (variables: Variables) => Promise<{ world: World; server: Server }>;
  /** Servers of a single test. They stop after its browsers, so that the last requests of pages are answered. */
  servers: Server[];
};

type WorkerFixtures = {
  server: Server;
  /** A server that hides the names of databases. */
  reticentServer: Server;
};

// At `acme.localhost` people see the databases `acme` and `acme-…`.
const variables = {
  LATCHKEY__DATABASE__FILTER: '%d(-.*)?',
  LATCHKEY__SERVER__PSEUDO_LANGUAGES: 'true',
  LATCHKEY__DATABASE__MAX_POOLS: '8',
  LATCHKEY__DATABASE__MAX_CONNECTIONS: '4',
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await Server.start(variables);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  reticentServer: [
    async ({}, use) => {
      const server = await Server.start({ ...variables, LATCHKEY__DATABASE__LIST: 'false' });
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  world: async ({ server }, use) => {
    const world = await World.create(server);
    await use(world);
    await world.drop();
  },

  baseURL: async ({ world }, use) => use(world.origin),

  servers: async ({}, use) => {
    const servers: Server[] = [];
    await use(servers);
    const running = servers.filter((server) => !server.isStopped);
    // All servers are stopped, even if stopping one of them fails.
    const stopped = await Promise.allSettled(running.map((server) => server.stop()));
    for (const end of stopped) if (end.status === 'rejected') throw end.reason;
  },

  // The fixture depends on the servers, so that they stop last.
  watch: async ({ servers: _ }, use, testInfo) => {
    const watch = new Watch();
    if (testInfo.project.use.javaScriptEnabled === false) {
      // The document makes the browser load the WebAssembly in advance, for a script that never runs.
      watch.expect(/\.wasm was preloaded using link preload but not used/);
    }
    await use(watch);
    watch.verify();
  },

  context: async ({ watch, context }, use) => {
    await watch.over(context);
    await use(context);
  },

  anotherBrowser: async ({ browser, watch }, use) => {
    const opened: Page[] = [];
    await use(async (options = {}) => {
      // The project's settings apply except for these options.
      const context = await browser.newContext(options);
      await watch.over(context);
      const page = await context.newPage();
      opened.push(page);
      return page;
    });
    for (const page of opened) await page.context().close();
  },

  startServer: async ({ servers }, use) =>
    use(async () => {
      const server = await Server.start(variables);
      servers.push(server);
      return server;
    }),

  inHaste: async ({ servers }, use) =>
    use(async (variables) => {
      const server = await Server.start(variables, { postgres: 'own' });
      servers.push(server);
      return { world: await World.create(server), server };
    }),

  serverLog: [
    async ({ server, servers }, use, testInfo) => {
      const before = server.log().length;
      await use();
      if (testInfo.status !== testInfo.expectedStatus) {
        const logs = [server.log().slice(before), ...servers.map((own) => own.log())];
        for (const body of logs) await testInfo.attach('server log', { body, contentType: 'text/plain' });
      }
    },
    { auto: true },
  ],
});

export { expect } from '@playwright/test';
