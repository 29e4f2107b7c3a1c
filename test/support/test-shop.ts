import { randomBytes } from 'node:crypto';
import { decodeId, type Permission } from '@signpost/domain';
import { LogRows } from './log-rows';
import type { TestApi } from './test-api';
import type { TestClient } from './test-client';
import { expectStatus, type NewApiKey } from './test-system';

/** A store of its own, with one API key and one webhook. */
export interface TestShop {
  /** `/api/v1/stores/…` */
  readonly path: string;
  readonly apiKey: NewApiKey;
  /** Calls as the API key. */
  readonly producer: TestClient;
  readonly webhookId: string;
  readonly rows: LogRows;
}

/** Opens a store whose webhook subscribes to `order.cancel` and `order.create`; nothing listens at its address. */
export async function openTestShop(
  api: TestApi,
  permissions: readonly Permission[] = ['orders:write', 'orders:read'],
): Promise<TestShop> {
  const store = `shop-${randomBytes(6).toString('hex')}`;
  const { id } = await expectStatus(
    201,
    api.operator.post<{ id: string }>('/api/v1/stores', { key: store, name: store }),
  );
  const path = `/api/v1/stores/${store}`;
  const apiKey = await expectStatus(201, api.operator.post<NewApiKey>(`${path}/api-keys`, { permissions }));
  const settings = { url: 'http://127.0.0.1:9/hook', events: ['order.cancel', 'order.create'] };
  const webhook = await expectStatus(201, api.operator.post<{ id: string }>(`${path}/webhooks`, settings));
  const [storeId, webhookId] = [decodeId('store', id), decodeId('webhook', webhook.id)];
  if (storeId === null || webhookId === null) throw new Error('The API answered with ids that are none.');
  return {
    path,
    apiKey,
    producer: api.as(apiKey),
    webhookId: webhook.id,
    rows: new LogRows(api, { storeId, webhookId }),
  };
}
