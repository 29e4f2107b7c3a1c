import { ApiProperty } from '@nestjs/swagger';
import { ACTOR_KINDS, AUDIT_ACTIONS, type AuditEntryEntity } from '@signpost/database';
import { encodeId } from '@signpost/domain';
import { PageOf } from '../requests/page';

class AuditActorView {
  @ApiProperty({ enum: ACTOR_KINDS })
  kind: AuditEntryEntity['actorKind'];

  @ApiProperty({ type: String, nullable: true })
  id: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The name of the person, or the description of the API key, as it is now; null: none, or gone.',
  })
  name: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The address that the request came from.' })
  address: string | null;
}

class AuditObjectView {
  @ApiProperty({ example: 'webhook' })
  kind: string;

  @ApiProperty({ example: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;
}

export class AuditEntryView {
  @ApiProperty({ example: 'aud_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty({ format: 'date-time' })
  at: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: it belongs to no store.' })
  storeId: string | null;

  @ApiProperty({ enum: AUDIT_ACTIONS, enumName: 'AuditAction', example: 'webhook.updated' })
  action: string;

  @ApiProperty({ type: AuditActorView })
  actor: AuditActorView;

  @ApiProperty({ type: AuditObjectView })
  object: AuditObjectView;

  @ApiProperty({ type: 'object', additionalProperties: true, description: '`before` and `after` of what changed.' })
  changes: Record<string, unknown>;
}

export class AuditEntryPage extends PageOf(AuditEntryView) {}

/** @param names - what actors are called, by their ids */
export function auditEntryView(entry: AuditEntryEntity, names: ReadonlyMap<string, string>): AuditEntryView {
  const { actorKind: kind, actorId, address } = entry;
  return {
    id: encodeId('audit', entry.id),
    at: entry.at.toISOString(),
    storeId: entry.storeId === null ? null : encodeId('store', entry.storeId),
    action: entry.action,
    actor: { kind, id: actorId, name: names.get(actorId ?? '') ?? null, address },
    object: { kind: entry.objectKind, id: entry.objectId },
    changes: entry.changes,
  };
}
