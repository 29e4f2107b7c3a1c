import { type ApiKeyId, decodeId, encodeId, mintId, type PersonId, type StoreId } from '@signpost/domain';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditEntryEntity } from '../entities/audit-entry.entity';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { auditCondition, type AuditFilter, type AuditScope } from './audit-query';
import { type IdPage, pageOptions } from './id-page';

/** Who makes a change, and from where. */
export interface Actor {
  readonly kind: AuditEntryEntity['actorKind'];
  /** Null for the operator, of whom there is only one. */
  readonly id: string | null;
  readonly address: string | null;
}

/** Every action that is written down. */
export const AUDIT_ACTIONS = [
  'store.created',
  'store.deleted',
  'api_key.created',
  'api_key.updated',
  'api_key.revealed',
  'api_key.secret_rotated',
  'api_key.deleted',
  'webhook.created',
  'webhook.updated',
  'webhook.deleted',
  'webhook.disabled',
  'webhook.tested',
  'webhook.recovered',
  'event.published',
  'delivery.retried',
  'deliveries.retried',
  'person.created',
  'person.updated',
  'person.signed_in',
  'person.confirmed',
  'person.signed_out',
  'person.signed_out_everywhere',
  'person.password_changed',
  'person.second_factor_failed',
  'person.second_factor_added',
  'person.second_factor_removed',
  'person.recovery_codes_replaced',
  'member.added',
  'member.role_changed',
  'member.removed',
  'invitation.created',
  'invitation.withdrawn',
  'portal.link_created',
  'portal.opened',
  'portal.closed',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

type Values = Readonly<Record<string, unknown>>;

/** What was done to which object. Values must not hold secrets. */
export interface AuditRecord {
  readonly action: AuditAction;
  /** The wire form, which also says what kind of object it is. */
  readonly objectId: string;
  readonly before?: Values;
  readonly after?: Values;
}

/** Who did what. Entries are only ever added, and only together with the change that they tell of. */
export class AuditLog {
  constructor(
    private readonly dataSource: DataSource,
    private readonly nowMs: () => number,
  ) {}

  /** Adds an entry in the transaction of `manager`. */
  async append(manager: EntityManager, storeId: StoreId, actor: Actor, record: AuditRecord): Promise<void> {
    await manager.insert(AuditEntryEntity, this.entry(storeId, actor, record));
  }

  /**
   * Adds an entry in the transaction of `runner`.
   *
   * @param storeId - null: the entry is about no store
   */
  async appendBy(runner: SqlRunner, storeId: StoreId | null, actor: Actor, record: AuditRecord): Promise<void> {
    const entry = this.entry(storeId, actor, record);
    await runner.run(APPEND, [
      ...[entry.id, entry.storeId, entry.actorKind, entry.actorId, entry.address],
      ...[entry.action, entry.objectKind, entry.objectId, entry.changes],
    ]);
  }

  /** Newest first. */
  list(scope: AuditScope, filter: AuditFilter, page: IdPage): Promise<AuditEntryEntity[]> {
    const { where, ...options } = pageOptions<AuditEntryEntity['id']>(page);
    const condition = { ...where, ...auditCondition(scope, filter) };
    return this.dataSource.getRepository(AuditEntryEntity).find({ where: condition, ...options });
  }

  /** The present names of the actors of entries, by their ids on the wire. Actors that are gone or have no name are missing. */
  async actorNames(entries: readonly AuditEntryEntity[]): Promise<ReadonlyMap<string, string>> {
    const ids = [...new Set(entries.flatMap(({ actorId }) => actorId ?? []))];
    const people = ids.flatMap((id) => decodeId('person', id) ?? []);
    const keys = ids.flatMap((id) => decodeId('apiKey', id) ?? []);
    if (people.length + keys.length === 0) return new Map();
    const rows = await this.dataSource.query<NameRow[]>(ACTOR_NAMES, [people, keys]);
    return new Map(
      rows.map((row) => [row.kind === 'person' ? encodeId('person', row.id) : encodeId('apiKey', row.id), row.name]),
    );
  }

  private entry(storeId: StoreId | null, actor: Actor, record: AuditRecord) {
    const { action, objectId, before, after } = record;
    return {
      id: mintId('audit', this.nowMs()),
      storeId,
      actorKind: actor.kind,
      actorId: actor.id,
      address: actor.address,
      action,
      objectKind: action.slice(0, action.indexOf('.')),
      objectId,
      changes: { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) },
    };
  }
}

type NameRow = { readonly name: string } & (
  { readonly kind: 'person'; readonly id: PersonId } | { readonly kind: 'api_key'; readonly id: ApiKeyId }
);

const ACTOR_NAMES = `
SELECT 'person' AS kind, id, name FROM people WHERE id = ANY ($1::uuid[]) AND name <> ''
UNION ALL
SELECT 'api_key', id, description FROM api_keys WHERE id = ANY ($2::uuid[]) AND description <> ''`;

const APPEND: Statement = {
  name: 'append_audit_entry',
  text: `
INSERT INTO audit_log (id, store_id, actor_kind, actor_id, address, action, object_kind, object_id, changes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)`,
};

/** The values that differ, before and after; null when none does. */
export function changedValues(before: Values, after: Values): { before: Values; after: Values } | null {
  const names = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  if (names.length === 0) return null;
  const pick = (values: Values): Values => Object.fromEntries(names.map((name) => [name, values[name]]));
  return { before: pick(before), after: pick(after) };
}
