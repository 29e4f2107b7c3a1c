import type { StoreId, WebhookId } from '@signpost/domain';
import type { RegisteredWebhook, RegistrySource, StoreRegistry } from './ports/registry-source';

/** How old may be what an attempt relies on; a change of a webhook or key takes effect within this time. */
const FRESH_MS = 1_000;
/** Stores kept in memory; the one used longest ago makes room. */
const STORES_MAX = 50_000;

/** The webhooks of one store, indexed for fan-out and for attempts. */
export class StoreWebhooks {
  private readonly byId = new Map<WebhookId, RegisteredWebhook>();
  private readonly byType = new Map<string, RegisteredWebhook[]>();

  constructor(
    readonly version: string,
    webhooks: readonly RegisteredWebhook[],
  ) {
    for (const webhook of webhooks) {
      this.byId.set(webhook.id, webhook);
      for (const type of webhook.eventTypes) {
        const subscribers = this.byType.get(type);
        if (subscribers === undefined) this.byType.set(type, [webhook]);
        else subscribers.push(webhook);
      }
    }
  }

  get(webhookId: WebhookId): RegisteredWebhook | null {
    return this.byId.get(webhookId) ?? null;
  }

  /** Sorted by id, which is what lets a fan-out go on after a webhook. */
  subscribedTo(eventType: string): readonly RegisteredWebhook[] {
    return this.byType.get(eventType) ?? [];
  }
}

interface Entry {
  webhooks: StoreWebhooks;
  checkedAtMs: number;
}

/** A worker's copy of webhooks and their signing secrets, checked against the version that PostgreSQL keeps of each store. */
export class Registry {
  private readonly entries = new Map<StoreId, Entry>();
  private asked = new Set<StoreId>();
  private refreshing: Promise<void> | null = null;

  /** @param monotonicMs - a clock that never goes back */
  constructor(
    private readonly source: RegistrySource,
    private readonly monotonicMs: () => number,
  ) {}

  /**
   * The webhooks of stores whose present versions are known; those that changed are loaded in one round trip.
   *
   * @returns an entry for each asked store
   */
  async atVersions(versions: ReadonlyMap<StoreId, string>): Promise<ReadonlyMap<StoreId, StoreWebhooks>> {
    const nowMs = this.monotonicMs();
    const stale: StoreId[] = [];
    for (const [storeId, version] of versions) {
      const entry = this.entries.get(storeId);
      if (entry?.webhooks.version === version) entry.checkedAtMs = nowMs;
      else stale.push(storeId);
    }
    await this.load(stale);
    return new Map(
      [...versions.keys()].map((storeId) => [
        storeId,
        this.entries.get(storeId)?.webhooks ?? new StoreWebhooks('0', []),
      ]),
    );
  }

  /** The webhook as it is now, or was less than a second ago. @returns null when it is deleted. */
  webhook(storeId: StoreId, webhookId: WebhookId): RegisteredWebhook | null | Promise<RegisteredWebhook | null> {
    const entry = this.entries.get(storeId);
    if (entry !== undefined && this.monotonicMs() - entry.checkedAtMs < FRESH_MS) return entry.webhooks.get(webhookId);
    return this.refresh(storeId).then(() => this.entries.get(storeId)?.webhooks.get(webhookId) ?? null);
  }

  /** Everybody who asks before the query leaves shares it. */
  private refresh(storeId: StoreId): Promise<void> {
    this.asked.add(storeId);
    this.refreshing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const storeIds = [...this.asked];
      this.asked = new Set();
      this.refreshing = null;
      return this.check(storeIds);
    });
    return this.refreshing;
  }

  private async check(storeIds: readonly StoreId[]): Promise<void> {
    const known = storeIds.filter((storeId) => this.entries.has(storeId));
    const versions = new Map(known.length > 0 ? await this.source.loadVersions(known) : []);
    for (const storeId of storeIds) if (!versions.has(storeId)) versions.set(storeId, 'unknown');
    await this.atVersions(versions);
  }

  private async load(storeIds: readonly StoreId[]): Promise<void> {
    if (storeIds.length === 0) return;
    const checkedAtMs = this.monotonicMs();
    for (const registry of await this.source.loadStores(storeIds)) this.keep(registry, checkedAtMs);
  }

  private keep({ storeId, version, webhooks }: StoreRegistry, checkedAtMs: number): void {
    this.entries.delete(storeId);
    this.entries.set(storeId, { webhooks: new StoreWebhooks(version, webhooks), checkedAtMs });
    if (this.entries.size <= STORES_MAX) return;
    const oldest = this.entries.keys().next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }
}
