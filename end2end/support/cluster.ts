// A PostgreSQL that disappears and comes back: the socket in between can be closed.

import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server as Listener, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FILE = '.s.PGSQL.5432';

export class UnreliableCluster {
  private listener: Listener | undefined;
  private readonly connections = new Set<Socket>();

  private constructor(private readonly folder: string) {}

  static async create(): Promise<UnreliableCluster> {
    return new UnreliableCluster(await mkdtemp(join(tmpdir(), 'latchkey-pg-')));
  }

  /** The URL for a server. */
  get url(): string {
    const url = new URL(clusterUrl());
    url.searchParams.set('host', this.folder);
    return url.toString();
  }

  async comeBack(): Promise<void> {
    const there = join(new URL(clusterUrl()).searchParams.get('host') ?? '', FILE);
    const listener = createServer((near) => {
      const far = connect(there);
      for (const [one, other] of [[near, far], [far, near]] as const) {
        this.connections.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.connections.delete(one);
          other.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => listener.listen(join(this.folder, FILE), resolve));
    this.listener = listener;
  }

  async goAway(): Promise<void> {
    const { listener } = this;
    if (!listener) return;
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const connection of this.connections) connection.destroy();
    await closed;
    this.listener = undefined;
  }

  async remove(): Promise<void> {
    await this.goAway();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function clusterUrl(): string {
  return process.env.LATCHKEY_E2E_CLUSTER_URL ?? '';
}
