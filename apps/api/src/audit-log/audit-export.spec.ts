import type { AuditEntryView } from './audit-entry.view';
import { exportHead, exportLine } from './audit-export';

const entry = (change: Partial<AuditEntryView> = {}): AuditEntryView => ({
  id: 'aud_1',
  at: '2026-02-20T08:15:30.412Z',
  storeId: 'str_1',
  action: 'api_key.updated',
  actor: { kind: 'operator', id: null, name: null, address: '10.1.2.3' },
  object: { kind: 'api_key', id: 'key_1' },
  changes: { after: { description: 'a "quoted"\r\ntext, with commas' } },
  ...change,
});

describe('the export of the audit log', () => {
  it('is in CSV one record an entry, whatever is in it, under the names of its columns', () => {
    expect(exportHead('csv').trimEnd().split(',')).toHaveLength(10);
    expect(exportLine('csv', entry())).toBe(
      '"aud_1","2026-02-20T08:15:30.412Z","str_1","api_key.updated","operator","","10.1.2.3","api_key","key_1",' +
        '"{""after"":{""description"":""a \\""quoted\\""\\r\\ntext, with commas""}}"\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1'])('is safe to open in a spreadsheet: %j', (text) => {
    const line = exportLine('csv', entry({ actor: { kind: 'api_key', id: text, name: null, address: text } }));
    expect(line).toContain(`"'${text}","'${text}"`);
  });

  it('is in JSON lines one line an entry, as the list shows it', () => {
    const line = exportLine('jsonl', entry());
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect([exportHead('jsonl'), JSON.parse(line)]).toEqual(['', entry()]);
  });
});
