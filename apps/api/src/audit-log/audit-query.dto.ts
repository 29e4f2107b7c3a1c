import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { AUDIT_ACTIONS, type AuditAction, type AuditFilter } from '@signpost/database';
import { IsIn } from 'class-validator';
import { IsBeforeUntil } from '../requests/is-before-until';
import { IsIsoTime } from '../requests/is-iso-time';
import { readIsoTime } from '../requests/iso-time';
import { Omittable } from '../requests/omittable';
import { PageQuery } from '../requests/page';
import { IsStorableText } from '../requests/storable-text';
import { EXPORT_FORMATS, type ExportFormat } from './audit-export';

const TEXT = { min: 1, max: 200 };
const TEXT_PROPERTY = { minLength: TEXT.min, maxLength: TEXT.max };

/** The query of the audit log. */
export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({
    ...TEXT_PROPERTY,
    description: 'A kind of actor (operator, api_key, person, system), or the id of one.',
  })
  @Omittable()
  @IsStorableText(TEXT)
  actor?: string;

  @ApiPropertyOptional({ enum: AUDIT_ACTIONS, enumName: 'AuditAction', example: 'api_key.revealed' })
  @Omittable()
  @IsIn(AUDIT_ACTIONS)
  action?: AuditAction;

  @ApiPropertyOptional({ ...TEXT_PROPERTY, example: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm' })
  @Omittable()
  @IsStorableText(TEXT)
  objectId?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only what was done at this time or later.' })
  @Omittable()
  @IsIsoTime()
  @IsBeforeUntil()
  since?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only what was done before this time.' })
  @Omittable()
  @IsIsoTime()
  until?: string;
}

/** The query of an export, which has no limit. With `cursor` it begins behind a page of the list. */
export class AuditExportQuery extends OmitType(AuditQuery, ['limit']) {
  @ApiProperty({ enum: EXPORT_FORMATS })
  @IsIn(EXPORT_FORMATS)
  format: ExportFormat;
}

export function auditFilterOf(query: Omit<AuditQuery, 'limit'>): AuditFilter {
  const { actor = null, action = null, objectId = null, since, until } = query;
  return {
    ...{ actor, action, objectId },
    sinceMs: since === undefined ? null : readIsoTime(since),
    untilMs: until === undefined ? null : readIsoTime(until),
  };
}
