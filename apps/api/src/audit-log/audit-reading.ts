import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { type AuditEntryEntity, type AuditLog, type AuditScope } from '@signpost/database';
import { cursorOf, idPageOf, type ListName, pageOf } from '../requests/page';
import { type AuditEntryPage, auditEntryView } from './audit-entry.view';
import { EXPORT_CONTENT_TYPES, exportHead, type ExportFormat, exportLine } from './audit-export';
import { type AuditExportQuery, auditFilterOf, type AuditQuery } from './audit-query.dto';

/** Entries read in one step of an export. */
const ENTRIES_PER_STEP = 500;

export async function readAuditPage(audit: AuditLog, scope: AuditScope, query: AuditQuery): Promise<AuditEntryPage> {
  const list = listOf(scope);
  const entries = await audit.list(scope, auditFilterOf(query), idPageOf(query, list));
  const names = await audit.actorNames(entries);
  return pageOf(entries, query, list, (entry) => auditEntryView(entry, names));
}

/**
 * All matching entries, newest first, as a file. They are read step by step as the client takes them, so that an export of any length costs
 * the same memory. Entries that are made meanwhile are not in it.
 *
 * @param name - what the file is called, without its ending
 */
export function exportAuditLog(
  audit: AuditLog,
  scope: AuditScope,
  query: AuditExportQuery,
  name: string,
): StreamableFile {
  const { format } = query;
  const filter = auditFilterOf(query);
  const cursor = cursorOf(query, listOf(scope));
  const steps = stepsOf((before) => audit.list(scope, filter, { limit: ENTRIES_PER_STEP, before }), cursor);
  return new StreamableFile(Readable.from(textOf(audit, format, steps), { objectMode: false }), {
    type: EXPORT_CONTENT_TYPES[format],
    disposition: `attachment; filename="${name}.${format}"`,
  });
}

function listOf(scope: AuditScope): ListName {
  return { of: 'audit-log', storeId: scope.kind === 'store' ? scope.storeId : null };
}

async function* stepsOf(
  read: (before: string | null) => Promise<AuditEntryEntity[]>,
  cursor: string | null,
): AsyncGenerator<readonly AuditEntryEntity[]> {
  for (let before = cursor; ;) {
    const entries = await read(before);
    yield entries;
    before = entries.at(-1)?.id ?? null;
    if (entries.length < ENTRIES_PER_STEP) return;
  }
}

async function* textOf(
  audit: AuditLog,
  format: ExportFormat,
  steps: AsyncIterable<readonly AuditEntryEntity[]>,
): AsyncGenerator<string> {
  yield exportHead(format);
  for await (const entries of steps) {
    const names = await audit.actorNames(entries);
    yield entries.map((entry) => exportLine(format, auditEntryView(entry, names))).join('');
  }
}
