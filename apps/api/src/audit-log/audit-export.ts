import type { AuditEntryView } from './audit-entry.view';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
};

const COLUMNS = 'id,at,store_id,action,actor_kind,actor_id,address,object_kind,object_id,changes';

/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection). */
const FORMULA_START = /^[=+\-@\t\r\n]/;

/** The text that an export begins with. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? `${COLUMNS}\r\n` : '';
}

/** One entry as a line of an export: CSV (RFC 4180), or an object of the list in JSON. */
export function exportLine(format: ExportFormat, entry: AuditEntryView): string {
  if (format === 'jsonl') return `${JSON.stringify(entry)}\n`;
  const { id, at, storeId, action, actor, object, changes } = entry;
  const cells = [id, at, storeId, action, actor.kind, actor.id, actor.address, object.kind, object.id];
  return `${[...cells, JSON.stringify(changes)].map(cell).join(',')}\r\n`;
}

/** Quoted always; what a spreadsheet would compute is made a text by an apostrophe before it. */
function cell(value: string | null): string {
  const text = value ?? '';
  return `"${(FORMULA_START.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
