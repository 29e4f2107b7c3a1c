import { type ApiKeyId, encodeId, mintId, type StoreId, type WebhookId } from '@signpost/domain';
import { type DataSource, type EntityManager, type FindOptionsWhere, IsNull, Raw } from 'typeorm';
import { ApiKeyEntity } from '../entities/api-key.entity';
import { WebhookEntity } from '../entities/webhook.entity';
import { type Actor, type AuditLog, changedValues } from './audit-log';
import { changeStore, NOT_FOUND, type NotFound } from './change-store';
import { makeGatesDue } from './due-gates';
import { type IdPage, pageOptions } from './id-page';
import { readWebhookHealth, type WebhookHealth } from './webhook-health';

/** A webhook and how it fares. */
export interface WebhookDetails {
  readonly webhook: WebhookEntity;
  readonly health: WebhookHealth;
}

type Settings = Pick<WebhookEntity, 'url' | 'eventTypes' | 'description' | 'rateLimit'>;

/** `apiKeyId` null: the store's oldest active key. */
export type NewWebhook = Settings & { readonly apiKeyId: ApiKeyId | null };

export type WebhookPatch = Partial<Settings & { readonly apiKeyId: ApiKeyId; readonly enabled: boolean }>;

export type WebhookCreation =
  | ({ readonly kind: 'created' } & WebhookDetails)
  /** The store has no such key. */
  | { readonly kind: 'unknown_api_key' }
  /** No key was asked for, and the store has no active one. */
  | { readonly kind: 'no_active_api_key' }
  | NotFound;

/** `wakes`: the webhooks that a worker should look at now. */
export type WebhookUpdate =
  | ({ readonly kind: 'updated'; readonly wakes: readonly WebhookId[] } & WebhookDetails)
  | { readonly kind: 'unknown_api_key' }
  | NotFound;

export type WebhookDeletion = { readonly kind: 'deleted'; readonly wakes: readonly WebhookId[] } | NotFound;

/** Shown where a person, not Signpost, disabled a webhook. */
const DISABLED_BY_HAND = 'It was disabled by hand.';

/** The live webhooks of stores. */
export class WebhookRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
    private readonly nowMs: () => number,
  ) {}

  async create(
    storeId: StoreId,
    { apiKeyId: wanted, ...settings }: NewWebhook,
    actor: Actor,
  ): Promise<WebhookCreation> {
    const id = mintId('webhook', this.nowMs());
    const outcome = await changeStore(this.dataSource, storeId, async (manager) => {
      const apiKeyId = await findKey(manager, wanted === null ? { storeId, ...ACTIVE } : { storeId, id: wanted });
      if (apiKeyId === null) return { kind: wanted === null ? 'no_active_api_key' : 'unknown_api_key' } as const;
      await manager.insert(WebhookEntity, { id, storeId, ...settings, apiKeyId, enabled: true });
      const webhook = await manager.findOneByOrFail(WebhookEntity, { id });
      await this.audit.append(manager, storeId, actor, {
        action: 'webhook.created',
        objectId: encodeId('webhook', id),
        after: auditedValues(webhook),
      });
      return { kind: 'created', webhook } as const;
    });
    return outcome.kind === 'created' ? { ...outcome, health: await this.healthOf(id) } : outcome;
  }

  async list(storeId: StoreId, page: IdPage): Promise<(WebhookDetails & { readonly id: WebhookId })[]> {
    const { where, ...options } = pageOptions<WebhookId>(page);
    const webhooks = await this.dataSource
      .getRepository(WebhookEntity)
      .find({ where: { ...where, storeId, deletedAt: IsNull() }, ...options });
    const healths = await readWebhookHealth(
      this.dataSource,
      webhooks.map(({ id }) => id),
    );
    return webhooks.flatMap((webhook) => {
      const health = healths.get(webhook.id);
      return health === undefined ? [] : [{ id: webhook.id, webhook, health }];
    });
  }

  async find(storeId: StoreId, id: WebhookId): Promise<WebhookDetails | null> {
    const webhook = await this.dataSource.getRepository(WebhookEntity).findOneBy({ id, storeId, deletedAt: IsNull() });
    return webhook === null ? null : { webhook, health: await this.healthOf(id) };
  }

  /**
   * Changes what is given. A change of what decides about waiting deliveries (`enabled`, the key, the URL) makes the webhook due. A new
   * URL, and enabling the webhook again, also forget its failures: these were of another endpoint, or have been dealt with. While the
   * webhook is disabled they are kept: they tell since when it has missed the events that are to be recovered.
   */
  async update(storeId: StoreId, id: WebhookId, patch: WebhookPatch, actor: Actor): Promise<WebhookUpdate> {
    const outcome = await this.change(storeId, id, async (manager, before) => {
      if (patch.apiKeyId !== undefined && (await findKey(manager, { storeId, id: patch.apiKeyId })) === null) {
        return { kind: 'unknown_api_key' } as const;
      }
      const changes = changedValues(auditedValues(before), auditedValues({ ...before, ...patch }));
      if (changes === null) return { kind: 'updated', webhook: before, wakes: [] } as const;
      await manager.update(WebhookEntity, { id }, { ...patch, ...disabling(before, patch), updatedAt: () => 'now()' });
      const isDue = ['enabled', 'apiKeyId', 'url'].some((name) => name in changes.after);
      const isEnabled = patch.enabled ?? before.enabled;
      const forgetFailures = isEnabled && ('url' in changes.after || 'enabled' in changes.after);
      const wakes = isDue ? [id] : [];
      await makeGatesDue(manager, wakes, { forgetFailures });
      await this.audit.append(manager, storeId, actor, {
        action: 'webhook.updated',
        objectId: encodeId('webhook', id),
        ...changes,
      });
      return { kind: 'updated', webhook: await manager.findOneByOrFail(WebhookEntity, { id }), wakes } as const;
    });
    return outcome.kind === 'updated' ? { ...outcome, health: await this.healthOf(id) } : outcome;
  }

  /** Ends a webhook: nothing more is sent to it, and its waiting deliveries are canceled. Its deliveries stay in the log. */
  async delete(storeId: StoreId, id: WebhookId, actor: Actor): Promise<WebhookDeletion> {
    return this.change(storeId, id, async (manager, webhook) => {
      await manager.update(WebhookEntity, { id }, { deletedAt: () => 'now()', updatedAt: () => 'now()' });
      await makeGatesDue(manager, [id]);
      await this.audit.append(manager, storeId, actor, {
        action: 'webhook.deleted',
        objectId: encodeId('webhook', id),
        before: auditedValues(webhook),
      });
      return { kind: 'deleted', wakes: [id] };
    });
  }

  private change<Outcome>(
    storeId: StoreId,
    id: WebhookId,
    work: (manager: EntityManager, webhook: WebhookEntity) => Promise<Outcome>,
  ): Promise<Outcome | NotFound> {
    return changeStore(this.dataSource, storeId, async (manager) => {
      const webhook = await manager.findOne(WebhookEntity, {
        where: { id, storeId, deletedAt: IsNull() },
        // A worker may be disabling the webhook at this moment.
        lock: { mode: 'for_no_key_update' },
      });
      return webhook === null ? NOT_FOUND : work(manager, webhook);
    });
  }

  private async healthOf(id: WebhookId): Promise<WebhookHealth> {
    const health = (await readWebhookHealth(this.dataSource, [id])).get(id);
    if (health === undefined) throw new Error(`The webhook ${id} has no gate.`);
    return health;
  }
}

/** A key that may sign now. */
const ACTIVE: FindOptionsWhere<ApiKeyEntity> = {
  activated: true,
  expiresAt: Raw((column) => `(${column} IS NULL OR ${column} > now())`),
};

/** The oldest of the keys that fit. */
async function findKey(manager: EntityManager, where: FindOptionsWhere<ApiKeyEntity>): Promise<ApiKeyId | null> {
  const found = await manager.findOne(ApiKeyEntity, { select: { id: true }, where, order: { id: 'ASC' } });
  return found?.id ?? null;
}

function disabling(before: WebhookEntity, { enabled }: WebhookPatch): Parameters<EntityManager['update']>[2] {
  if (enabled === undefined || enabled === before.enabled) return {};
  return enabled
    ? { disabledReason: null, disabledAt: null }
    : { disabledReason: DISABLED_BY_HAND, disabledAt: () => 'now()' };
}

function auditedValues({ url, eventTypes, description, apiKeyId, rateLimit, enabled }: WebhookEntity) {
  return {
    url,
    events: eventTypes,
    description,
    apiKeyId: apiKeyId === null ? null : encodeId('apiKey', apiKeyId),
    rateLimit,
    enabled,
  };
}
