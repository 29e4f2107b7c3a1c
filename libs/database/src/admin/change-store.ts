import type { StoreId } from '@signpost/domain';
import { type DataSource, type EntityManager, IsNull, QueryFailedError } from 'typeorm';
import { StoreEntity } from '../entities/store.entity';

/** The store, or the object in it, does not exist (any more). */
export interface NotFound {
  readonly kind: 'not_found';
}
export const NOT_FOUND: NotFound = Object.freeze({ kind: 'not_found' });

const TRIES_MAX = 3;

/**
 * Runs one administrative change of a store and of what belongs to it, in one transaction. The store's row is locked first, so that changes
 * of one store happen one after the other and each sees what the one before it left; reading and publishing go on.
 *
 * A worker that disables a webhook takes the same locks in another order, so that the two may deadlock. PostgreSQL then ends one of them;
 * if that is this transaction, it begins again.
 *
 * @returns what `work` returns, or `not_found` when the store does not exist
 */
export async function changeStore<Outcome>(
  dataSource: DataSource,
  storeId: StoreId,
  work: (manager: EntityManager) => Promise<Outcome>,
): Promise<Outcome | NotFound> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await dataSource.transaction(async (manager) => {
        const store = await manager.findOne(StoreEntity, {
          select: { id: true },
          where: { id: storeId, deletedAt: IsNull() },
          lock: { mode: 'for_no_key_update' },
        });
        return store === null ? NOT_FOUND : work(manager);
      });
    } catch (error) {
      if (tries >= TRIES_MAX || sqlState(error) !== DEADLOCK_DETECTED) throw error;
    }
  }
}

const DEADLOCK_DETECTED = '40P01';

/** The SQLSTATE of a failed query; null for every other error. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof QueryFailedError)) return null;
  const cause: unknown = error.driverError;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}
