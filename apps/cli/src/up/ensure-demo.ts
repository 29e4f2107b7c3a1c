import { SignpostClientError } from '@signpost/client';
import type { DemoRecord } from '../local/demo-record';
import type { OperatorApi } from '../operator-api';

/** The demo as the API has it. */
export interface Demo {
  readonly store: string;
  readonly apiKeyId: string;
  readonly webhookId: string;
  readonly key: string;
  readonly secret: string;
  /** Whether its store was made just now. */
  readonly isNew: boolean;
}

export type DemoOutcome =
  | { readonly kind: 'ready'; readonly demo: Demo }
  /** The API does not allow webhooks to this machine; `reason` is a sentence. */
  | { readonly kind: 'left_out'; readonly reason: string };

const STORE = 'demo';
const EVENTS = ['order.create'];
const KEY_DESCRIPTION = 'Order system';
const WEBHOOK_DESCRIPTION = 'Receiver of the demo, on this machine';
/** One page is enough: the store of a demo has few keys and webhooks. */
const FIRST_PAGE = '?limit=250';

interface Listed {
  readonly id: string;
  readonly description: string;
}
interface ListedWebhook extends Listed {
  readonly url: string;
}
interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/**
 * Makes what is missing of the demo: a store, an API key that may publish and read orders, a webhook to the receiver. What exists is left
 * as it is, except for the address of a receiver that has moved.
 *
 * @param record - what an earlier start noted; it tells the demo's own from similar ones that people made
 */
export async function ensureDemo(api: OperatorApi, receiverUrl: string, record: DemoRecord): Promise<DemoOutcome> {
  const path = `/api/v1/stores/${STORE}`;
  const store = await api.find(path);
  if (store === null) await api.post('/api/v1/stores', { key: STORE, name: 'Demo store' });
  const apiKey = await ensureApiKey(api, `${path}/api-keys`, record.apiKeyId);
  try {
    const webhookId = await ensureWebhook(api, `${path}/webhooks`, receiverUrl, apiKey.id, record.webhookId);
    const { key, secret } = apiKey;
    return {
      kind: 'ready',
      demo: { store: STORE, apiKeyId: apiKey.id, webhookId, key, secret, isNew: store === null },
    };
  } catch (error) {
    if (!(error instanceof SignpostClientError) || error.code !== 'validation_failed') throw error;
    return { kind: 'left_out', reason: error.message };
  }
}

async function ensureApiKey(
  api: OperatorApi,
  path: string,
  id: string | undefined,
): Promise<Credentials & { id: string }> {
  const { data } = await api.get<{ data: Listed[] }>(path + FIRST_PAGE);
  const found = ours(data, id, KEY_DESCRIPTION);
  if (found !== undefined) {
    return { id: found.id, ...(await api.post<Credentials>(`${path}/${found.id}/reveal`)) };
  }
  const body = { description: KEY_DESCRIPTION, permissions: ['orders:write', 'orders:read'] };
  return api.post<Credentials & { id: string }>(path, body);
}

async function ensureWebhook(
  api: OperatorApi,
  path: string,
  url: string,
  apiKeyId: string,
  id: string | undefined,
): Promise<string> {
  const { data } = await api.get<{ data: ListedWebhook[] }>(path + FIRST_PAGE);
  const found = ours(data, id, WEBHOOK_DESCRIPTION);
  if (found === undefined) {
    const body = { url, events: EVENTS, apiKeyId, description: WEBHOOK_DESCRIPTION };
    return (await api.post<Listed>(path, body)).id;
  }
  if (found.url !== url) await api.patch(`${path}/${found.id}`, { url });
  return found.id;
}

/** The one that was noted, or else one that has the demo's description: the note may be about another database. */
function ours<T extends Listed>(all: readonly T[], id: string | undefined, description: string): T | undefined {
  return all.find((one) => one.id === id) ?? all.find((one) => one.description === description);
}
