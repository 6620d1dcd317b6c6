// Creates databases and people by the command line, like an administrator.

import { randomBytes } from 'node:crypto';

import { latchkey, type Server } from './program.js';

/** A person who can log in. */
export type Person = { login: string; name: string; password: string };

export const ada: Person = {
  login: 'ada@example.com',
  name: 'Ada Lovelace',
  password: 'seven purple lanterns drift',
};

/** A name that no other test uses. */
export function freshName(): string {
  return `e2e${randomBytes(5).toString('hex')}`;
}

/** Creates a database whose administrator has a password of their own. */
export async function createDatabase(name: string, person: Person, server?: Server): Promise<void> {
  await latchkey([...create(name, person), '--admin-password-stdin'], person.password, server);
}

/** Creates a database whose administrator has to log in with the returned one-time password. */
export async function createDatabaseWithOneTimePassword(name: string, person: Person): Promise<string> {
  const { out } = await latchkey(create(name, person));
  return out.trim();
}

/** Adds a further person to a database. */
export async function addPerson(database: string, { login, name, password }: Person, server?: Server): Promise<void> {
  const commandLine = ['user', 'add', '--database', database, '--login', login, '--name', name, '--password-stdin'];
  await latchkey(commandLine, password, server);
}

/** Adds companies to a database. */
export async function addCompanies(database: string, names: string[], server?: Server): Promise<void> {
  for (const name of names) {
    await latchkey(['company', 'add', '--database', database, '--name', name, '--colour', '#0f766e'], '', server);
  }
}

/** Sets the companies that a person may work for, the default one first. */
export async function workFor(database: string, { login }: Person, names: string[], server?: Server): Promise<void> {
  const companies = names.flatMap((name) => ['--company', name]);
  await latchkey(['user', 'set-companies', '--database', database, '--login', login, ...companies], '', server);
}

/** Sets the groups that a person is put into, by their technical names. */
export async function putInto(database: string, { login }: Person, names: string[], server?: Server): Promise<void> {
  const groups = names.flatMap((name) => ['--group', name]);
  await latchkey(['user', 'set-groups', '--database', database, '--login', login, ...groups], '', server);
}

/** Creates a log-in code, like an administrator. */
export async function makeLogInCode(database: string, { login }: Person): Promise<string> {
  const { out } = await latchkey(['user', 'log-in-code', '--database', database, '--login', login]);
  return out.trim();
}

export async function dropDatabase(name: string, server?: Server): Promise<void> {
  await latchkey(['db', 'drop', name, '--yes'], '', server);
}

/** Number of live sessions of the database. */
export async function countSessions(database: string, server?: Server): Promise<number> {
  const { out } = await latchkey(['session', 'list', '--database', database, '--json'], '', server);
  return (JSON.parse(out) as unknown[]).length;
}

function create(name: string, person: Person): string[] {
  return ['db', 'create', name, '--admin-login', person.login, '--admin-name', person.name];
}
