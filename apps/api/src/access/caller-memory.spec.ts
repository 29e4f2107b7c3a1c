import { mintId } from '@signpost/domain';
import { CallerMemory } from './caller-memory';
import type { AcceptedKey } from './key-authenticator';
import { KeyNetworks } from './key-networks';

const HEADER = `Basic ${Buffer.from('key:secret').toString('base64')}`;
const HERE = { ip: '10.1.2.3' };

const accepted = (change: { version?: string; rateLimit?: number | null; cidrs?: string[] } = {}): AcceptedKey => ({
  kind: 'accepted',
  storeKey: 'acme',
  networks: change.cidrs === undefined ? null : new KeyNetworks(change.cidrs),
  caller: {
    kind: 'api_key',
    storeId: mintId('store', 0),
    apiKeyId: mintId('apiKey', 0),
    version: change.version ?? '1',
    usedPreviousSecret: false,
    permissions: new Set(['orders:write'] as const),
    rateLimit: change.rateLimit ?? null,
  },
});

describe('CallerMemory', () => {
  let nowMs: number;
  let memory: CallerMemory;

  beforeEach(() => {
    nowMs = 0;
    memory = new CallerMemory(() => nowMs);
  });

  it('knows exactly the header that was let in, as it was let in last', () => {
    memory.remember(HEADER, accepted());
    memory.remember(HEADER, accepted({ version: '2' }));
    expect(memory.recall(HEADER, HERE)).toMatchObject({ storeKey: 'acme', caller: { version: '2' } });
    for (const other of [`${HEADER}A`, HEADER.slice(0, -1), HEADER.toLowerCase(), '']) {
      expect(memory.recall(other, HERE)).toBeNull();
    }
  });

  it('knows a caller for a minute', () => {
    memory.remember(HEADER, accepted());
    nowMs = 59_999;
    expect(memory.recall(HEADER, HERE)).not.toBeNull();
    nowMs = 60_000;
    expect(memory.recall(HEADER, HERE)).toBeNull();
  });

  it('forgets a caller that its rate limit refuses, once a second at most, because it may have been raised', () => {
    expect(memory.forgetRefused(HEADER)).toBe(false);
    memory.remember(HEADER, accepted({ rateLimit: 5 }));
    nowMs = 999;
    expect(memory.forgetRefused(HEADER)).toBe(false);
    expect(memory.recall(HEADER, HERE)).not.toBeNull();
    nowMs = 1_000;
    expect([memory.forgetRefused(HEADER), memory.forgetRefused(HEADER)]).toEqual([true, false]);
    expect(memory.recall(HEADER, HERE)).toBeNull();
  });

  it('does not know a caller who comes from outside the networks of its key, which may have got others', () => {
    memory.remember(HEADER, accepted({ cidrs: ['10.1.0.0/16'] }));
    expect(memory.recall(HEADER, HERE)).not.toBeNull();
    expect(memory.recall(HEADER, { ip: '10.2.2.3' })).toBeNull();
  });

  it('keeps 50,000 callers, and lets go of the one that was let in longest ago', () => {
    for (let n = 0; n < 50_000; n += 1) memory.remember(`Basic ${n}`, accepted());
    memory.remember('Basic 0', accepted());
    memory.remember(HEADER, accepted());
    expect(memory.recall('Basic 0', HERE)).not.toBeNull();
    expect(memory.recall('Basic 1', HERE)).toBeNull();
    expect(memory.recall('Basic 2', HERE)).not.toBeNull();
  });
});
