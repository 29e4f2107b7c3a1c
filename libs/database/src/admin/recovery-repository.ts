import {
  encodeId,
  idLowerBound,
  idTimeMs,
  mintId,
  type RecoveryId,
  type StoreId,
  type WebhookId,
} from '@signpost/domain';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { databaseNowMs } from '../database-now';
import { RecoveryEntity, type RecoveryFilter, type ResendableStatus } from '../entities/recovery.entity';
import { WebhookEntity } from '../entities/webhook.entity';
import { followersFrom } from '../log/log-page';
import type { Actor, AuditLog } from './audit-log';
import { changeStore, NOT_FOUND, type NotFound } from './change-store';
import { type IdPage, pageOptions } from './id-page';

/** Deliveries of one webhook in a window of time, whatever their event or error. `untilMs` null: until now. */
export interface RecoveryWindow {
  readonly sinceMs: number;
  readonly untilMs: number | null;
  readonly statuses: readonly ResendableStatus[];
}

/** All deliveries of a store that match. `untilMs` null: until now. */
export interface RetryFilter extends Omit<RecoveryFilter, 'untilMs'> {
  readonly webhookId: WebhookId | null;
  readonly untilMs: number | null;
}

/**
 * How far before a window deliveries are looked for, because one that failed in the window may have begun before it. The automatic schedule
 * usually ends earlier than that.
 */
const REACH_BACK_MS = 8 * 86_400_000;

export type RecoveryCreation =
  | { readonly kind: 'created'; readonly recovery: RecoveryEntity }
  /** The window ends before it begins. */
  | { readonly kind: 'empty_window' }
  | { readonly kind: 'webhook_disabled' }
  | NotFound;

/** Requests to send deliveries again. Workers carry them out, in steps. */
export class RecoveryRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
  ) {}

  /** Asks for the deliveries of a live webhook that began, failed or were canceled in a window. */
  recoverWebhook(
    storeId: StoreId,
    webhookId: WebhookId,
    window: RecoveryWindow,
    actor: Actor,
  ): Promise<RecoveryCreation> {
    const filter: RetryFilter = {
      ...{ webhookId, eventId: null, eventType: null, statusCode: null, errorCode: null },
      ...window,
    };
    return changeStore(this.dataSource, storeId, async (manager) => {
      const webhook = await manager.findOneBy(WebhookEntity, { id: webhookId, storeId, deletedAt: IsNull() });
      if (webhook === null) return NOT_FOUND;
      if (!webhook.enabled) return { kind: 'webhook_disabled' };
      const recovery = await this.insert(manager, storeId, filter, actor, REACH_BACK_MS);
      if (recovery === null) return { kind: 'empty_window' };
      await this.audit.append(manager, storeId, actor, {
        action: 'webhook.recovered',
        objectId: encodeId('webhook', webhookId),
        after: { recoveryId: encodeId('recovery', recovery.id), ...auditedFilter(recovery) },
      });
      return { kind: 'created', recovery };
    });
  }

  /** Asks for all deliveries of a store that match; those that cannot be sent are skipped and counted. */
  retryMatching(storeId: StoreId, filter: RetryFilter, actor: Actor): Promise<RecoveryCreation> {
    return changeStore(this.dataSource, storeId, async (manager) => {
      const recovery = await this.insert(manager, storeId, filter, actor);
      if (recovery === null) return { kind: 'empty_window' };
      await this.audit.append(manager, storeId, actor, {
        action: 'deliveries.retried',
        objectId: encodeId('recovery', recovery.id),
        after: auditedFilter(recovery),
      });
      return { kind: 'created', recovery };
    });
  }

  find(storeId: StoreId, id: RecoveryId): Promise<RecoveryEntity | null> {
    return this.dataSource.getRepository(RecoveryEntity).findOneBy({ id, storeId });
  }

  list(storeId: StoreId, page: IdPage): Promise<RecoveryEntity[]> {
    const { where, ...options } = pageOptions<RecoveryId>(page);
    return this.dataSource.getRepository(RecoveryEntity).find({ where: { ...where, storeId }, ...options });
  }

  /**
   * Adds the recovery with fixed bounds, so that it ends whatever is published meanwhile. "Now" is PostgreSQL's, whose time deliveries have:
   * by another clock, the last ones would be left out, or later ones taken.
   *
   * @returns null when no time is between the bounds
   */
  private async insert(
    manager: EntityManager,
    storeId: StoreId,
    { webhookId, ...asked }: RetryFilter,
    actor: Actor,
    reachBackMs = 0,
  ): Promise<RecoveryEntity | null> {
    const nowMs = Math.floor(await databaseNowMs(manager));
    const filter = { ...asked, untilMs: Math.min(asked.untilMs ?? nowMs, nowMs) };
    if (filter.sinceMs !== null && filter.sinceMs >= filter.untilMs) return null;
    const belowId = idLowerBound(filter.untilMs);
    const fromMs = Math.max(0, (filter.sinceMs ?? 0) - reachBackMs);
    const fromId = await beginning(manager, storeId, { ...filter, webhookId, sinceMs: fromMs }, belowId);
    const id = mintId('recovery', nowMs);
    const requestedBy = actor.id ?? actor.kind;
    await manager.insert(RecoveryEntity, {
      id,
      storeId,
      webhookId,
      filter,
      fromId,
      belowId,
      cursor: fromId,
      requestedBy,
    });
    return manager.findOneByOrFail(RecoveryEntity, { id });
  }
}

/** The id to begin at, just before the first delivery there is: progress is shown as a share of the time from there to the end. */
async function beginning(
  manager: EntityManager,
  storeId: StoreId,
  { webhookId, sinceMs, eventId }: RetryFilter,
  belowId: string,
): Promise<string> {
  // The deliveries of an event are younger than it.
  const eventMs = eventId === null ? 0 : idTimeMs(followersFrom(idTimeMs(eventId)));
  const from = idLowerBound(Math.max(sinceMs ?? 0, eventMs));
  const [first] = await manager.query<{ id: string }[]>(
    `SELECT id FROM deliveries WHERE store_id = $1 AND id >= $2 AND id < $3 ${webhookId === null ? '' : 'AND webhook_id = $4'}
     ORDER BY id LIMIT 1`,
    [storeId, from, belowId, ...(webhookId === null ? [] : [webhookId])],
  );
  return first === undefined ? belowId : idLowerBound(idTimeMs(first.id));
}

function auditedFilter({ webhookId, filter }: RecoveryEntity): Record<string, unknown> {
  const { eventId, statuses, eventType, statusCode, errorCode, sinceMs, untilMs } = filter;
  return {
    webhookId: webhookId === null ? null : encodeId('webhook', webhookId),
    eventId: eventId === null ? null : encodeId('event', eventId),
    ...{ statuses, eventType, statusCode, errorCode },
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    until: new Date(untilMs).toISOString(),
  };
}
