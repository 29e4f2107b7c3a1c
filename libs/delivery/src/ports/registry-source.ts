import type { ApiKeyId, StoreId, WebhookId } from '@signpost/domain';

/** A webhook with what is needed to send to it now. */
export interface RegisteredWebhook {
  readonly id: WebhookId;
  readonly storeId: StoreId;
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly enabled: boolean;
  /** Requests per second over all workers; null is unlimited. */
  readonly rateLimit: number | null;
  /** null: the key was deleted or is switched off; its deliveries are held. */
  readonly signer: Signer | null;
}

/** The secrets of an active API key, opened. */
export interface Signer {
  readonly apiKeyId: ApiKeyId;
  readonly current: Buffer;
  readonly previous: Buffer | null;
  /** Until when the previous secret also signs, by PostgreSQL's clock; null when there is no previous secret. */
  readonly previousValidUntilMs: number | null;
  /** When the key expires and signs no more, by PostgreSQL's clock; null: never. */
  readonly expiresAtMs: number | null;
}

/** All webhooks of one store, at one version. */
export interface StoreRegistry {
  readonly storeId: StoreId;
  readonly version: string;
  /** Sorted by id. */
  readonly webhooks: readonly RegisteredWebhook[];
}

/** Where webhooks and their signing secrets are read from. */
export interface RegistrySource {
  /** Loads whole stores in one round trip; a deleted store has no webhooks. */
  loadStores(storeIds: readonly StoreId[]): Promise<readonly StoreRegistry[]>;
  /** The current version of each of these stores, to see which cached ones are stale. */
  loadVersions(storeIds: readonly StoreId[]): Promise<ReadonlyMap<StoreId, string>>;
}
