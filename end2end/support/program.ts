// Runs `latchkey` like an administrator.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The domain of a server's hosts. Both domains lead to this machine. Browsers trust `localhost` like https, and treat `test` like
 * any other plain HTTP.
 */
export type Domain = 'localhost' | 'test';

export type Variables = Record<string, string>;

/** A command's results, and its other output. */
export type Said = { out: string; error: string };

const ready = /Latchkey listens on http:\/\/127\.0\.0\.1:(\d+)/;

/** Runs a command to its end, on the PostgreSQL of `server` if that has a private one. */
export async function latchkey(commandLine: string[], input = '', server?: Server): Promise<Said> {
  return new Promise((resolve, reject) => {
    const options = { env: server?.environment ?? environment({}), cwd: tmpdir() };
    const child = execFile(program(), commandLine, options, (failure, out, error) =>
      failure ? reject(new Error(`${failure.message}\n${error}`)) : resolve({ out, error }),
    );
    // A command that reads no input may end before the input is closed. Its exit code counts.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** A separate server on a free port. It sees no configuration but `variables`. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
    private readonly said: string[],
    /** The environment with which an administrator's commands find the server's private PostgreSQL. */
    readonly environment: NodeJS.ProcessEnv | undefined,
    private readonly domain: Domain,
  ) {}

  /**
   * With `postgres: 'own'` the server has a private PostgreSQL. Then actions on all databases, such as shortening sessions, do
   * not affect other tests.
   */
  static async start(
    variables: Variables,
    { postgres = 'shared' as 'shared' | 'own', domain = 'localhost' as Domain } = {},
  ): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'));
    // A private PostgreSQL may run as another user, who must be able to enter the folder.
    await chmod(folder, 0o755);
    const address = { LATCHKEY__SERVER__ADDRESS: '127.0.0.1:0', LATCHKEY_DATA: join(folder, 'data') };
    const env = environment({ ...address, ...variables });
    if (postgres === 'own') delete env['LATCHKEY__DATABASE__URL'];
    const child = spawn(program(), ['serve'], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    child.stderr.on('data', (bytes: Buffer) => said.push(bytes.toString()));
    const port = await new Promise<number>((resolve, reject) => {
      let out = '';
      child.stdout.on('data', (bytes: Buffer) => {
        out += bytes.toString();
        const found = ready.exec(out);
        if (found) resolve(Number(found[1]));
      });
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`the server ended (${code}):\n${said.join('')}`)));
    });
    return new Server(child, folder, port, said, postgres === 'own' ? env : undefined, domain);
  }

  /** The origin of a host name that browsers resolve to this machine. */
  origin(label: string): string {
    return `http://${this.host(label)}`;
  }

  private host(label: string): string {
    return `${label}.${this.domain}:${this.port}`;
  }

  /** Sends a request for a host name that this process itself cannot resolve. */
  async post(label: string, path: string, fields: Variables, headers: Variables): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request({
        host: '127.0.0.1',
        port: this.port,
        path,
        method: 'POST',
        headers: {
          ...headers,
          host: this.host(label),
          'content-type': 'application/x-www-form-urlencoded',
        },
      });
      sent.on('response', (answer) => resolve(answer.resume()));
      sent.on('error', reject);
      sent.end(new URLSearchParams(fields).toString());
    });
  }

  /** The server's log so far. */
  log(): string {
    return this.said.join('');
  }

  /** Whether the server was told to stop. */
  isStopped = false;

  /** Stops the server. Fails if it has already ended, or does not end properly. */
  async stop(): Promise<void> {
    const { child } = this;
    this.isStopped = true;
    const isRunning = child.exitCode === null && child.signalCode === null;
    if (isRunning) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
    if (!isRunning || child.exitCode !== 0) {
      const how = `${isRunning ? 'badly' : 'by itself'} (${child.exitCode ?? child.signalCode})`;
      throw new Error(`the server ended ${how}:\n${this.log()}`);
    }
  }
}

function program(): string {
  return required('LATCHKEY_BIN');
}

/** The environment without the developer's own configuration and language. */
function environment(variables: Variables): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_'));
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: 'C',
    LATCHKEY_SITE: required('LATCHKEY_SITE'),
    LATCHKEY__DATABASE__URL: required('LATCHKEY_E2E_CLUSTER_URL'),
    ...variables,
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests by \`cargo xtask e2e\``);
  return value;
}
