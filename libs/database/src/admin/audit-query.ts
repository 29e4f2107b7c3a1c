import type { StoreId } from '@signpost/domain';
import { And, type FindOperator, type FindOptionsWhere, LessThan, MoreThanOrEqual } from 'typeorm';
import type { AuditEntryEntity } from '../entities/audit-entry.entity';

/** Whose entries are read: those of one store, or all of them, also those of stores that were deleted. */
export type AuditScope = { readonly kind: 'store'; readonly storeId: StoreId } | { readonly kind: 'everything' };

/** Which entries are wanted; null: any. */
export interface AuditFilter {
  /** A kind of actor (`operator`, `api_key`, `person`, `system`), or the id of one. */
  readonly actor: string | null;
  readonly action: string | null;
  /** In its wire form. */
  readonly objectId: string | null;
  /** Inclusive, in milliseconds since 1970. */
  readonly sinceMs: number | null;
  /** Exclusive, in milliseconds since 1970. */
  readonly untilMs: number | null;
}

export const ACTOR_KINDS = [
  'operator',
  'api_key',
  'person',
  'system',
] as const satisfies AuditEntryEntity['actorKind'][];

/** The condition on entries of a scope and a filter. */
export function auditCondition(scope: AuditScope, filter: AuditFilter): FindOptionsWhere<AuditEntryEntity> {
  const { actor, action, objectId } = filter;
  const actorKind = ACTOR_KINDS.find((kind) => kind === actor);
  return {
    ...(scope.kind === 'store' ? { storeId: scope.storeId } : {}),
    ...(actor === null ? {} : actorKind === undefined ? { actorId: actor } : { actorKind }),
    ...(action === null ? {} : { action }),
    ...(objectId === null ? {} : { objectId }),
    ...spanCondition(filter),
  };
}

function spanCondition({ sinceMs, untilMs }: AuditFilter): { at?: FindOperator<Date> } {
  const bounds = [
    ...(sinceMs === null ? [] : [MoreThanOrEqual(new Date(sinceMs))]),
    ...(untilMs === null ? [] : [LessThan(new Date(untilMs))]),
  ];
  return bounds.length === 0 ? {} : { at: And(...bounds) };
}
