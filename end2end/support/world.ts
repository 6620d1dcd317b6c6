// A database at a separate host name on a server: everything that one test sees of Latchkey.

import type { Page } from '@playwright/test';

import { agents } from './agents.js';
import { ada, addPerson, createDatabase, dropDatabase, freshName, type Person } from './database.js';
import { latchkey, Server } from './program.js';

export class World {
  constructor(
    private readonly server: Server,
    readonly name: string,
    /** The administrator of the database. */
    readonly person: Person = ada,
  ) {}

  static async create(server: Server): Promise<World> {
    const world = new World(server, freshName());
    await createDatabase(world.name, world.person, server);
    return world;
  }

  /** The same world for a further person. */
  async another(person: Person): Promise<World> {
    await addPerson(this.name, person, this.server);
    return new World(this.server, this.name, person);
  }

  async drop(): Promise<void> {
    await dropDatabase(this.name, this.server);
  }

  get origin(): string {
    return this.server.origin(this.name);
  }

  /** Logs in a device that needs no window, and returns its cookies. */
  async logIn(agent: string, headers: Record<string, string> = {}): Promise<{ name: string; value: string }[]> {
    const { login, password } = this.person;
    const fields = { database: this.name, login, password };
    const answer = await this.server.post(this.name, '/api/log_in', fields, { ...headers, 'user-agent': agent });
    const cookies = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]!.split('='));
    if (cookies.length === 0) throw new Error(`${login} could not log in: ${answer.statusCode}`);
    return cookies.map(([name, value]) => ({ name: name!, value: value! }));
  }

  /** Ends all sessions of the person, like an administrator. */
  async endAllSessions(): Promise<void> {
    await latchkey(['session', 'end', '--database', this.name, '--login', this.person.login], '', this.server);
  }

  /** Gives a browser a session without using the log-in page. */
  async enter(page: Page, agent = agents.chromeOnLinux): Promise<void> {
    const cookies = await this.logIn(agent);
    await page.context().addCookies(cookies.map((cookie) => ({ ...cookie, url: this.origin })));
  }
}
