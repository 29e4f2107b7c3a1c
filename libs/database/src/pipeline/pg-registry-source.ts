import { type ApiKeyId, type KeyRing, secretBytes, type StoreId, type WebhookId } from '@signpost/domain';
import type { RegisteredWebhook, RegistrySource, Signer, StoreRegistry } from '@signpost/delivery';
import { openKeySecret } from '../keys/api-key-secrets';
import type { SqlClient, Statement } from '../sql/sql-client';

const LOAD_STORES: Statement = {
  name: 'load_store_registries',
  text: `
SELECT st.id AS store_id, st.version, w.id AS webhook_id, w.url, w.event_types, w.enabled, w.rate_limit, w.api_key_id,
       k.secret_sealed, k.previous_secret_sealed, (extract(epoch FROM k.previous_secret_until) * 1000)::float8 AS previous_until_ms,
       (extract(epoch FROM k.expires_at) * 1000)::float8 AS expires_ms
FROM stores st
LEFT JOIN webhooks w ON w.store_id = st.id AND w.deleted_at IS NULL
LEFT JOIN api_keys k ON k.id = w.api_key_id AND k.activated
WHERE st.id = ANY ($1::uuid[])
ORDER BY st.id, w.id`,
};

const LOAD_VERSIONS: Statement = {
  name: 'load_store_versions',
  text: `SELECT id, version FROM stores WHERE id = ANY ($1::uuid[])`,
};

interface RegistryRow {
  store_id: StoreId;
  version: string;
  webhook_id: WebhookId | null;
  url: string;
  event_types: string[];
  enabled: boolean;
  rate_limit: number | null;
  api_key_id: ApiKeyId;
  secret_sealed: string | null;
  previous_secret_sealed: string | null;
  previous_until_ms: number | null;
  expires_ms: number | null;
}

/** Reads webhooks and opens the secrets that sign for them; nothing of a secret leaves the process. */
export class PgRegistrySource implements RegistrySource {
  constructor(
    private readonly sql: SqlClient,
    private readonly keyRing: KeyRing,
    /** Hears of a secret that does not open; what it would sign is held, so that nothing is sent unsigned. */
    private readonly onUnreadable: (apiKeyId: ApiKeyId, error: unknown) => void,
  ) {}

  async loadStores(storeIds: readonly StoreId[]): Promise<readonly StoreRegistry[]> {
    const rows = await this.sql.run<RegistryRow>(LOAD_STORES, [storeIds]);
    const stores = new Map<StoreId, { version: string; webhooks: RegisteredWebhook[] }>();
    // A store's webhooks mostly share a key, which is opened once.
    const signers = new Map<ApiKeyId, Signer | null>();
    for (const row of rows) {
      const store = stores.get(row.store_id) ?? { version: row.version, webhooks: [] };
      stores.set(row.store_id, store);
      if (row.webhook_id !== null) store.webhooks.push(this.webhookOf(row, row.webhook_id, signers));
    }
    return [...stores].map(([storeId, store]) => ({ storeId, ...store }));
  }

  async loadVersions(storeIds: readonly StoreId[]): Promise<ReadonlyMap<StoreId, string>> {
    const rows = await this.sql.run<{ id: StoreId; version: string }>(LOAD_VERSIONS, [storeIds]);
    return new Map(rows.map((row) => [row.id, row.version]));
  }

  private webhookOf(row: RegistryRow, id: WebhookId, signers: Map<ApiKeyId, Signer | null>): RegisteredWebhook {
    let signer = signers.get(row.api_key_id);
    if (signer === undefined) {
      signer = this.signerOf(row);
      signers.set(row.api_key_id, signer);
    }
    return {
      id,
      storeId: row.store_id,
      url: row.url,
      eventTypes: row.event_types,
      enabled: row.enabled,
      rateLimit: row.rate_limit,
      signer,
    };
  }

  private signerOf(row: RegistryRow): Signer | null {
    if (row.secret_sealed === null) return null;
    const open = (column: 'secret' | 'previous_secret', sealed: string): Buffer =>
      secretBytes(openKeySecret(this.keyRing, row.api_key_id, column, sealed));
    try {
      return {
        apiKeyId: row.api_key_id,
        current: open('secret', row.secret_sealed),
        previous: row.previous_secret_sealed === null ? null : open('previous_secret', row.previous_secret_sealed),
        previousValidUntilMs: row.previous_until_ms,
        expiresAtMs: row.expires_ms,
      };
    } catch (error) {
      this.onUnreadable(row.api_key_id, error);
      return null;
    }
  }
}
