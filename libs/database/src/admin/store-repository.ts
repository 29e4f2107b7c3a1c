import { encodeId, mintId, type StoreId, type WebhookId } from '@signpost/domain';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { ApiKeyEntity } from '../entities/api-key.entity';
import { StoreEntity } from '../entities/store.entity';
import { WebhookEntity } from '../entities/webhook.entity';
import { type Actor, type AuditLog } from './audit-log';
import { changeStore, type NotFound, sqlState } from './change-store';
import { makeGatesDue } from './due-gates';
import { type IdPage, pageOptions } from './id-page';

const UNIQUE_VIOLATION = '23505';

export type StoreCreation =
  { readonly kind: 'created'; readonly store: StoreEntity } | { readonly kind: 'already_exists' };

/** `wakes`: the webhooks whose waiting deliveries a worker should cancel now. */
export type StoreDeletion = { readonly kind: 'deleted'; readonly wakes: readonly WebhookId[] } | NotFound;

/** The live stores. */
export class StoreRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
    private readonly nowMs: () => number,
  ) {}

  /** @param input.key - free again once the store that had it is deleted */
  async create(input: { key: string; name: string }, actor: Actor): Promise<StoreCreation> {
    const id = mintId('store', this.nowMs());
    try {
      return await this.dataSource.transaction(async (manager) => {
        await manager.insert(StoreEntity, { id, key: input.key, name: input.name });
        await this.audit.append(manager, id, actor, {
          action: 'store.created',
          objectId: encodeId('store', id),
          after: { key: input.key, name: input.name },
        });
        return { kind: 'created', store: await manager.findOneByOrFail(StoreEntity, { id }) };
      });
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) return { kind: 'already_exists' };
      throw error;
    }
  }

  list(page: IdPage): Promise<StoreEntity[]> {
    const { where, ...options } = pageOptions<StoreId>(page);
    return this.stores.find({ where: { ...where, deletedAt: IsNull() }, ...options });
  }

  findByKey(key: string): Promise<StoreEntity | null> {
    return this.stores.findOneBy({ key, deletedAt: IsNull() });
  }

  /** Deletes a store: its keys are gone at once, its webhooks get nothing more, its log stays. */
  async delete(id: StoreId, actor: Actor): Promise<StoreDeletion> {
    return changeStore(this.dataSource, id, async (manager) => {
      const { key, name } = await manager.findOneByOrFail(StoreEntity, { id });
      const wakes = await deleteWebhooks(manager, id);
      await manager.delete(ApiKeyEntity, { storeId: id });
      await manager.update(StoreEntity, { id }, { deletedAt: () => 'now()' });
      await this.audit.append(manager, id, actor, {
        action: 'store.deleted',
        objectId: encodeId('store', id),
        before: { key, name },
      });
      return { kind: 'deleted', wakes };
    });
  }

  private get stores() {
    return this.dataSource.getRepository(StoreEntity);
  }
}

async function deleteWebhooks(manager: EntityManager, storeId: StoreId): Promise<WebhookId[]> {
  const live = { storeId, deletedAt: IsNull() };
  const webhooks = await manager.find(WebhookEntity, { select: { id: true }, where: live });
  const ids = webhooks.map(({ id }) => id);
  await manager.update(WebhookEntity, live, { deletedAt: () => 'now()' });
  await makeGatesDue(manager, ids);
  return ids;
}
