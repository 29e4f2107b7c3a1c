import { loadConfig, type SettingName } from '@signpost/config';
import { queueBackendOptions } from '@signpost/queue';
import { type RunningWorker, startWorker } from '../../apps/worker/src/start-worker';
import { emptyQueue } from './queue-store';
import { startTestApi, TEST_SETTINGS, type TestApi } from './test-api';
import type { TestClient } from './test-client';

/** The queue backends with which every promise must hold. */
export const QUEUE_BACKENDS = ['postgres', 'redis'] as const;
export type TestQueueBackend = (typeof QUEUE_BACKENDS)[number];

export interface NewApiKey {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

export interface ShownDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly webhookId: string;
  readonly status: string;
  readonly nextAttemptAt: string | null;
  readonly attempts?: readonly ShownAttempt[];
}

export interface ShownAttempt {
  readonly trigger: string;
  readonly statusCode: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** An API and a worker on a database of their own, and shorthands for what nearly every test does. */
export class TestSystem {
  private constructor(
    readonly api: TestApi,
    private readonly settings: Partial<Record<SettingName, string>>,
    private worker: RunningWorker | null,
  ) {}

  static async start(
    backend: TestQueueBackend,
    settings: Partial<Record<SettingName, string>> = {},
  ): Promise<TestSystem> {
    const redis = backend === 'redis' ? { REDIS_URL: redisUrl() } : {};
    const all = { ...TEST_SETTINGS, SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8', WORKER_PORT: '0', ...redis, ...settings };
    const api = await startTestApi({ settings: all });
    const system = new TestSystem(api, { ...all, DATABASE_URL: api.database.url }, null);
    await system.startWorker();
    return system;
  }

  get workerUrl(): string {
    return this.worker?.url ?? '';
  }

  async startWorker(): Promise<void> {
    this.worker = await startWorker(loadConfig(this.settings));
  }

  async stopWorker(): Promise<void> {
    await this.worker?.close();
    this.worker = null;
  }

  /** Removes every job and schedule, as when Redis loses its data. */
  async emptyQueue(): Promise<void> {
    const { redis, database } = loadConfig(this.settings);
    await emptyQueue(queueBackendOptions(redis, database.url, 1));
  }

  async createStore(key: string): Promise<void> {
    await expectStatus(201, this.api.operator.post('/api/v1/stores', { key, name: key }));
  }

  async createApiKey(
    store: string,
    permissions: readonly string[] = ['orders:write', 'orders:read'],
  ): Promise<NewApiKey> {
    const body = { description: 'Order system', permissions, activated: true };
    return expectStatus(201, this.api.operator.post<NewApiKey>(`/api/v1/stores/${store}/api-keys`, body));
  }

  async createWebhook(store: string, url: string, more: Record<string, unknown> = {}): Promise<{ id: string }> {
    const body = { url, events: ['order.create'], ...more };
    return expectStatus(201, this.api.operator.post<{ id: string }>(`/api/v1/stores/${store}/webhooks`, body));
  }

  /** @param data - JSON text, sent as it is */
  async publish(caller: TestClient, store: string, data: string): Promise<{ id: string }> {
    const body = `{"type":"order.create","data":${data}}`;
    return expectStatus(202, caller.post<{ id: string }>(`/api/v1/stores/${store}/events`, body));
  }

  async delivery(store: string, id: string): Promise<ShownDelivery> {
    return expectStatus(200, this.api.operator.get<ShownDelivery>(`/api/v1/stores/${store}/deliveries/${id}`));
  }

  async deliveriesOf(store: string, eventId: string): Promise<readonly ShownDelivery[]> {
    const path = `/api/v1/stores/${store}/deliveries?eventId=${eventId}`;
    return (await expectStatus(200, this.api.operator.get<{ data: ShownDelivery[] }>(path))).data;
  }

  /** Asks again until the deliveries of an event are as expected; the time limit of the test is the only limit. */
  async settled(
    store: string,
    eventId: string,
    isSettled: (delivery: ShownDelivery) => boolean = ({ status }) => status === 'delivered',
  ): Promise<readonly ShownDelivery[]> {
    for (;;) {
      const deliveries = await this.deliveriesOf(store, eventId);
      if (deliveries.length > 0 && deliveries.every(isSettled)) return deliveries;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    await this.api.close();
  }
}

export async function expectStatus<Body>(
  status: number,
  answer: Promise<{ status: number; body: Body; text: string }>,
): Promise<Body> {
  const { status: actual, body, text } = await answer;
  if (actual !== status) throw new Error(`Expected ${status}, was ${actual}: ${text}`);
  return body;
}

/** One Redis serves all tests of a run; each system has a database of its own there. */
let nextRedisDatabase = 0;
function redisUrl(): string {
  const url = new URL(process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379');
  const workerNumber = Number(process.env['JEST_WORKER_ID'] ?? '1');
  url.pathname = `/${((workerNumber - 1) * 5 + (nextRedisDatabase++ % 5)) % 16}`;
  return url.href;
}
