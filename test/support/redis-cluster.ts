import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { type RunningRedis, startRedis } from '../../apps/cli/src/services/redis-server';
import { eventually } from './eventually';
import { withRedis } from './queue-store';

const NODES = 3;
const SLOTS = 16_384;

/** A Redis Cluster of three masters. They keep no data on disk, only their places in the cluster. */
export class RedisCluster {
  private constructor(
    private readonly dirs: readonly string[],
    private nodes: readonly RunningRedis[],
  ) {}

  static async start(): Promise<RedisCluster> {
    const dirs = await Promise.all(
      Array.from({ length: NODES }, () => mkdtemp(join(tmpdir(), 'signpost-redis-cluster-'))),
    );
    const nodes: RunningRedis[] = [];
    // One after another: at the same time, two nodes might find the same port free.
    for (const dir of dirs) nodes.push(await startRedis({ dir, env: process.env, isClusterNode: true }));
    const cluster = new RedisCluster(dirs, nodes);
    await cluster.join();
    return cluster;
  }

  /** The URL of one of its nodes. */
  get url(): string {
    return this.nodes[0]?.url ?? '';
  }

  /** Asks every node. @returns the answers */
  async ask<T>(question: (node: Redis) => Promise<T>): Promise<T[]> {
    return Promise.all(this.nodes.map(({ url }) => withRedis(url, question)));
  }

  /** Moves the slot of a key, with all keys in it, to another node. */
  async moveSlotOf(key: string): Promise<void> {
    const slot = (await this.ask((node) => node.cluster('KEYSLOT', key)))[0] ?? 0;
    const counts = await this.ask((node) => node.dbsize());
    const from = this.nodes[counts.findIndex((count) => count > 0)];
    const to = this.nodes.find((node) => node !== from);
    if (from === undefined || to === undefined) throw new Error('There is nothing to move.');
    const [fromId, toId] = await Promise.all(
      [from, to].map(({ url }) => withRedis(url, (node) => node.cluster('MYID'))),
    );
    await withRedis(to.url, (node) => node.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId ?? ''));
    await withRedis(from.url, async (node) => {
      await node.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId ?? '');
      for (;;) {
        const keys = (await node.call('CLUSTER', 'GETKEYSINSLOT', slot, 1_000)) as string[];
        if (keys.length === 0) break;
        await node.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
      }
    });
    for (const { url } of [to, from, ...this.nodes]) {
      await withRedis(url, (node) => node.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId ?? ''));
    }
  }

  /** Ends every node as a power failure would. */
  async strikeDown(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill9()));
  }

  /** Starts all nodes again, empty, and at their old places in the cluster. */
  async rise(): Promise<void> {
    this.nodes = await Promise.all(
      this.nodes.map(({ port }, index) =>
        startRedis({ dir: this.dirs[index] ?? '', env: process.env, port, isClusterNode: true }),
      ),
    );
    await this.agreed();
  }

  /** Takes a slot from its master, or gives it back. While the slot has no master, the cluster is not whole, and serves nobody. */
  async setWhole(isWhole: boolean): Promise<void> {
    const slot = SLOTS - 1;
    const state = `cluster_state:${isWhole ? 'ok' : 'fail'}`;
    const owner = this.nodes.at(-1)?.url ?? '';
    if (isWhole) await withRedis(owner, (node) => node.cluster('ADDSLOTS', slot));
    else await this.ask((node) => node.cluster('DELSLOTS', slot));
    await eventually(async () => {
      const states = await this.ask((node) => node.cluster('INFO'));
      if (!states.every((each) => each.includes(state))) throw new Error('Not every node has heard of it.');
    });
  }

  /** Sends a signal to every node. */
  signal(signal: NodeJS.Signals): void {
    for (const { pid } of this.nodes) process.kill(pid, signal);
  }

  async end(): Promise<void> {
    await this.strikeDown();
    await Promise.all(this.dirs.map((dir) => rm(dir, { recursive: true, force: true })));
  }

  private async join(): Promise<void> {
    const share = Math.ceil(SLOTS / NODES);
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    const ports = this.nodes.map(({ port }) => port);
    for (const [index, { url }] of this.nodes.entries()) {
      await withRedis(url, async (node) => {
        await node.cluster('ADDSLOTS', ...slots.slice(index * share, (index + 1) * share));
        for (const port of ports) await node.cluster('MEET', '127.0.0.1', port);
      });
    }
    await this.agreed();
  }

  /** Resolves when every node knows all nodes, and reports that the cluster is well. */
  private async agreed(): Promise<void> {
    await eventually(async () => {
      const states = await this.ask((node) => node.cluster('INFO'));
      const isWell = (state: string) =>
        state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${NODES}`);
      if (!states.every((state) => isWell(state))) throw new Error('The nodes do not agree yet.');
    });
  }
}
