import { PERMISSIONS } from '@signpost/domain';
import type { TestApi } from './test-api';
import { expectStatus } from './test-system';

/** A problem document, as tests look at it. */
export interface ShownProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance: string;
  readonly errors?: readonly { field: string; rule: string; message: string }[];
  readonly webhooks?: readonly { id: string; url: string }[];
}

export interface ShownApiKey {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
  readonly description: string;
  readonly permissions: readonly string[];
  readonly activated: boolean;
  readonly rotatedAt: string | null;
  readonly previousSecretUntil: string | null;
}

export interface ShownWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string;
  readonly apiKeyId: string | null;
  readonly rateLimit: number | null;
  readonly enabled: boolean;
  readonly status: string;
  readonly disabledReason: string | null;
  readonly disabledAt: string | null;
  readonly disabledAdvice: string | null;
  readonly health: {
    readonly consecutiveFailures: number;
    readonly openUntil: string | null;
    readonly failingSince: string | null;
    readonly nextDueAt: string | null;
    readonly last24Hours: Readonly<Record<string, number | null>>;
  };
}

export interface ShownPage<View> {
  readonly data: readonly View[];
  readonly nextCursor: string | null;
}

/** A public address, which no test connects to. */
export const PUBLIC_URL = 'https://hooks.example.com/orders';

export async function createStore(api: TestApi, key: string): Promise<string> {
  await expectStatus(201, api.operator.post('/api/v1/stores', { key, name: `Store ${key}` }));
  return `/api/v1/stores/${key}`;
}

/** Makes an API key; `key` and `secret` of the result are in clear. */
export async function createApiKey(api: TestApi, storePath: string, input: object = {}): Promise<ShownApiKey> {
  const request = { description: 'a key', permissions: PERMISSIONS, ...input };
  return expectStatus(201, api.operator.post<ShownApiKey>(`${storePath}/api-keys`, request));
}

export async function createWebhook(api: TestApi, storePath: string, input: object = {}): Promise<ShownWebhook> {
  const request = { url: PUBLIC_URL, events: ['order.create'], ...input };
  return expectStatus(201, api.operator.post<ShownWebhook>(`${storePath}/webhooks`, request));
}
