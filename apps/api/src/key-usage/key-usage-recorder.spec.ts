import { KeyUsageLedger, type SqlRunner } from '@signpost/database';
import { type ApiKeyId, mintId } from '@signpost/domain';
import pino from 'pino';
import { KeyUsageRecorder } from './key-usage-recorder';

/** Stands in for PostgreSQL, which may be away. */
class Database implements SqlRunner {
  away = false;
  readonly added: unknown[][] = [];

  run<T>(_statement: unknown, values: readonly unknown[]): Promise<T[]> {
    if (this.away) return Promise.reject(new Error('away'));
    this.added.push([...values]);
    return Promise.resolve([]);
  }
}

describe('KeyUsageRecorder', () => {
  const database = new Database();
  const recorder = new KeyUsageRecorder(new KeyUsageLedger(database), pino({ level: 'silent' }), () => 0);
  const count = (apiKeyId: ApiKeyId) =>
    recorder.count({ apiKeyId, operation: 'GET /events', allowed: true, permissions: new Set() });

  it('keeps what could not be written down, and writes it with the next counts', async () => {
    const apiKeyId = mintId('apiKey', 0);
    database.away = true;
    count(apiKeyId);
    await recorder.flush();
    database.away = false;
    count(apiKeyId);
    await recorder.flush();
    expect(database.added.map(([ids, , operations, allowed]) => [ids, operations, allowed])).toEqual([
      [[apiKeyId], ['GET /events'], [2]],
    ]);
  });

  it('writes nothing when nothing was counted, and many counts in bounded statements', async () => {
    database.added.length = 0;
    await recorder.flush();
    for (let n = 0; n < 2_500; n += 1) count(mintId('apiKey', n));
    await recorder.flush();
    expect(database.added.map(([ids]) => (ids as unknown[]).length)).toEqual([1_000, 1_000, 500]);
  });
});
