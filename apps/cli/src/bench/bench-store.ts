import type { LoadTarget } from './load-process';
import type { OperatorApi } from '../operator-api';

/** A store to publish to, whose key may publish orders. */
export interface BenchStore extends LoadTarget {
  readonly key: string;
}

/** Makes a store with an API key, and a webhook to each of the URLs. */
export async function createStore(operator: OperatorApi, key: string, urls: readonly string[]): Promise<BenchStore> {
  await operator.post('/api/v1/stores', { key, name: key });
  const apiKey = await operator.post<{ key: string; secret: string }>(`/api/v1/stores/${key}/api-keys`, {
    description: 'Benchmark',
    permissions: ['orders:write'],
    activated: true,
  });
  for (const url of urls) await createWebhook(operator, key, url);
  const authorization = `Basic ${Buffer.from(`${apiKey.key}:${apiKey.secret}`).toString('base64')}`;
  return { key, path: `/api/v1/stores/${key}/events`, authorization };
}

/** Subscribes a URL to the orders of a store. @param rateLimit - requests per second; left out: no limit */
export async function createWebhook(
  operator: OperatorApi,
  storeKey: string,
  url: string,
  rateLimit?: number,
): Promise<string> {
  const body = { url, events: ['order.create'], ...(rateLimit === undefined ? {} : { rateLimit }) };
  return (await operator.post<{ id: string }>(`/api/v1/stores/${storeKey}/webhooks`, body)).id;
}
