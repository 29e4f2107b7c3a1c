import type { StoreId, WebhookId } from '@signpost/domain';
import { gather } from './gather';
import type { RegisteredWebhook, RegistrySource, Signer } from './ports/registry-source';

/**
 * How old the webhook and the key may be that an attempt relies on. This long after a change of either was committed, no attempt begins any
 * more that does not know of it. While something waits to be sent, the version of a store is asked for once in this time at most.
 */
export const NOTICED_WITHIN_MS = 50;
/**
 * An answer that took longer than this, for example because the process was frozen meanwhile, is asked for once more: what it allows may
 * have been withdrawn since. Only once, so that sending goes on when PostgreSQL is slow.
 */
const LATE_MS = 250;
/** How long questions for versions are gathered: with many stores that have a backlog each, nearly every attempt asks. */
const PATIENCE = { usualMs: 25, mostMs: 25 };
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
      for (const type of new Set(webhook.eventTypes)) {
        const subscribers = this.byType.get(type);
        if (subscribers === undefined) this.byType.set(type, [webhook]);
        else subscribers.push(webhook);
      }
    }
  }

  get(webhookId: WebhookId): RegisteredWebhook | null {
    return this.byId.get(webhookId) ?? null;
  }

  /** Sorted by id, so that a fan-out can go on after a given webhook. */
  subscribedTo(eventType: string): readonly RegisteredWebhook[] {
    return this.byType.get(eventType) ?? [];
  }
}

/** Whether a key may sign now. A key expires without a change that would refresh the copy in memory, so this is judged each time. */
export function canSign(signer: Signer | null, nowMs: number): signer is Signer {
  return signer !== null && (signer.expiresAtMs === null || nowMs < signer.expiresAtMs);
}

type Stores = ReadonlyMap<StoreId, StoreWebhooks>;

interface Entry {
  readonly webhooks: StoreWebhooks;
  readonly checkedAtMs: number;
  /** When the last answer about the store came. */
  readonly heardAtMs: number;
}

/** A worker's copy of webhooks and their signing secrets, checked against the version that PostgreSQL keeps of each store. */
export class Registry {
  /** The store that was used longest ago comes first. */
  private readonly entries = new Map<StoreId, Entry>();
  private asked = new Set<StoreId>();
  private lastAsked = 0;
  private refreshing: Promise<Stores> | null = null;

  /**
   * @param monotonicMs - milliseconds of a clock that never goes back and never stops: after the machine was suspended, all copies are old
   * @param loaded - hears of each webhook as it is now, whenever its store has changed
   */
  constructor(
    private readonly source: RegistrySource,
    private readonly monotonicMs: () => number,
    private readonly loaded: (webhook: RegisteredWebhook) => void = () => undefined,
    private readonly storesMax = STORES_MAX,
  ) {}

  /** The clock by which versions are old or new. */
  nowMs(): number {
    return this.monotonicMs();
  }

  /**
   * The webhooks of stores whose versions are known. Stores that have changed are loaded in one round trip.
   *
   * @param readAtMs - a time before PostgreSQL was asked for the versions: they may be as old as that, however long the answer took
   * @returns an entry for each asked store
   */
  async atVersions(versions: ReadonlyMap<StoreId, string>, readAtMs: number): Promise<Stores> {
    // Collected here, not read from the cache at the end: a store that is loaded may push another store out of the cache.
    const stores = new Map<StoreId, StoreWebhooks>();
    const stale: StoreId[] = [];
    for (const [storeId, version] of versions) {
      const webhooks = this.entries.get(storeId)?.webhooks;
      if (webhooks?.version === version) stores.set(storeId, this.keep(storeId, webhooks, readAtMs));
      else stale.push(storeId);
    }
    for (const [storeId, webhooks] of await this.load(stale)) stores.set(storeId, webhooks);
    return stores;
  }

  /** The webhook as it is now, or was just before ({@link NOTICED_WITHIN_MS}). @returns null when it is deleted. */
  webhook(storeId: StoreId, webhookId: WebhookId): RegisteredWebhook | null | Promise<RegisteredWebhook | null> {
    const entry = this.entries.get(storeId);
    if (entry !== undefined && this.monotonicMs() - entry.checkedAtMs < NOTICED_WITHIN_MS)
      return entry.webhooks.get(webhookId);
    return this.refresh(storeId)
      .then((stores) => (this.isLate(storeId) ? this.refresh(storeId) : stores))
      .then((stores) => stores.get(storeId)?.get(webhookId) ?? null);
  }

  private isLate(storeId: StoreId): boolean {
    return this.monotonicMs() - (this.entries.get(storeId)?.checkedAtMs ?? Infinity) > LATE_MS;
  }

  /** All callers that ask before the query is sent share it. */
  private refresh(storeId: StoreId): Promise<Stores> {
    this.asked.add(storeId);
    this.refreshing ??= gather(this.lastAsked, PATIENCE, () => this.asked.size).then(() => {
      const storeIds = [...this.asked];
      this.lastAsked = storeIds.length;
      this.asked = new Set();
      this.refreshing = null;
      return this.check(storeIds);
    });
    return this.refreshing;
  }

  private async check(storeIds: readonly StoreId[]): Promise<Stores> {
    const readAtMs = this.monotonicMs();
    const known = storeIds.filter((storeId) => this.entries.has(storeId));
    const versions = new Map(known.length > 0 ? await this.source.loadVersions(known) : []);
    for (const storeId of storeIds) if (!versions.has(storeId)) versions.set(storeId, 'unknown');
    return this.atVersions(versions, readAtMs);
  }

  private async load(storeIds: readonly StoreId[]): Promise<Stores> {
    const stores = new Map<StoreId, StoreWebhooks>();
    if (storeIds.length === 0) return stores;
    const readAtMs = this.monotonicMs();
    const found = new Map((await this.source.loadStores(storeIds)).map((store) => [store.storeId, store]));
    for (const storeId of storeIds) {
      // A store that does not exist has no webhooks.
      const { version, webhooks } = found.get(storeId) ?? { version: 'none', webhooks: [] };
      const read = new StoreWebhooks(version, webhooks);
      const kept = this.keep(storeId, read, readAtMs);
      if (kept === read) webhooks.forEach(this.loaded);
      stores.set(storeId, kept);
    }
    return stores;
  }

  /** Keeps a store's webhooks, as the store that was used last. @returns the kept version: of two that were asked for at once, the newer */
  private keep(storeId: StoreId, read: StoreWebhooks, readAtMs: number): StoreWebhooks {
    const before = this.entries.get(storeId);
    const webhooks = before !== undefined && isOvertaken(read, readAtMs, before) ? before.webhooks : read;
    const checkedAtMs = before?.webhooks === webhooks ? Math.max(before.checkedAtMs, readAtMs) : readAtMs;
    this.entries.delete(storeId);
    this.entries.set(storeId, { webhooks, checkedAtMs, heardAtMs: this.monotonicMs() });
    if (this.entries.size > this.storesMax) {
      const oldest = this.entries.keys().next();
      if (!oldest.done) this.entries.delete(oldest.value);
    }
    return webhooks;
  }
}

/**
 * Whether PostgreSQL was asked for this version before it answered with a higher one: the answers came in the wrong order. A version that
 * was asked for later is believed even if it is lower: PostgreSQL may have gone back to a backup.
 */
function isOvertaken(read: StoreWebhooks, readAtMs: number, by: Entry): boolean {
  return readAtMs <= by.heardAtMs && Number(read.version) < Number(by.webhooks.version);
}
