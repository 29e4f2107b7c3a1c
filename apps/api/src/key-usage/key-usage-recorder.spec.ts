import type { KeyUsageCount, KeyUsageLedger } from '@signpost/database';
import { type ApiKeyId, mintId } from '@signpost/domain';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { KeyUsageRecorder } from './key-usage-recorder';

/** Stands in for PostgreSQL, which may be away. */
class Ledger implements Pick<KeyUsageLedger, 'add'> {
  away = false;
  readonly added: (readonly KeyUsageCount[])[] = [];

  add(counts: readonly KeyUsageCount[]): Promise<void> {
    if (this.away) return Promise.reject(new Error('away'));
    this.added.push(counts);
    return Promise.resolve();
  }
}

describe('KeyUsageRecorder', () => {
  const ledger = new Ledger();
  const recorder = new KeyUsageRecorder(ledger, pino({ level: 'silent' }), () => 0);
  const count = (apiKeyId: ApiKeyId) =>
    recorder.count({ apiKeyId, operation: 'GET /events', allowed: true, permissions: new Set() });

  it('keeps what could not be written down, and writes it with the next counts', async () => {
    const apiKeyId = mintId('apiKey', 0);
    ledger.away = true;
    count(apiKeyId);
    await recorder.flush();
    ledger.away = false;
    count(apiKeyId);
    await recorder.flush();
    expect(ledger.added).toMatchObject([[{ apiKeyId, operation: 'GET /events', allowed: 2 }]]);
  });

  it('writes counts down every five seconds, those of many keys every twenty, unless they are too many to wait', async () => {
    ledger.added.length = 0;
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    const watched = new KeyUsageRecorder(ledger, pino({ level: 'silent' }), () => Date.now());
    const use = (keys: number) => {
      for (let n = 0; n < keys; n += 1) {
        const call = { operation: 'GET /events', allowed: true, permissions: new Set<never>() };
        watched.count({ apiKeyId: mintId('apiKey', n), ...call });
      }
    };
    const writtenIn = async (timeMs: number) => {
      ledger.added.length = 0;
      await jest.advanceTimersByTimeAsync(timeMs);
      return ledger.added.flat().length;
    };
    let close = (): Promise<void> => Promise.resolve();
    const addHook = (name: string, hook: () => Promise<void>) => (name === 'onClose' ? void (close = hook) : undefined);
    watched.observe({ addHook } as unknown as FastifyInstance);
    use(1);
    expect(await writtenIn(5_000)).toBe(1);
    use(2_000);
    expect([await writtenIn(15_000), await writtenIn(5_000)]).toEqual([0, 2_000]);
    use(25_000);
    expect(await writtenIn(5_000)).toBe(25_000);
    await close();
    jest.useRealTimers();
  });

  it('writes nothing when nothing was counted, and many counts in bounded statements', async () => {
    ledger.added.length = 0;
    await recorder.flush();
    for (let n = 0; n < 2_500; n += 1) count(mintId('apiKey', n));
    await recorder.flush();
    expect(ledger.added.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  });
});
