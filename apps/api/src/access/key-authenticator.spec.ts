import { ApiKeyLookup, type FoundApiKey, sealKeySecret, type SqlRunner } from '@signpost/database';
import { type ApiKeyId, mintId, mintKey, mintSecret, parseKeyRing } from '@signpost/domain';
import { KeyAuthenticator } from './key-authenticator';

const ring = parseKeyRing(`test:${Buffer.alloc(32, 1).toString('base64')}`);
const id: ApiKeyId = mintId('apiKey', 0);
const key = mintKey();
const secret = mintSecret();
const previous = mintSecret();

const stored = (change: Partial<FoundApiKey> = {}): FoundApiKey => ({
  id,
  storeId: mintId('store', 0),
  storeKey: 'acme',
  version: '1',
  activated: true,
  expired: false,
  allowedCidrs: null,
  rateLimit: null,
  permissions: ['orders:write'],
  secretSealed: sealKeySecret(ring, id, 'secret', secret),
  previousSecretSealed: null,
  previousSecretValid: false,
  ...change,
});

/** Stands in for PostgreSQL, and counts how often it is asked. */
class Row implements SqlRunner {
  reads = 0;
  now: FoundApiKey | null = stored();

  run<T>(): Promise<T[]> {
    this.reads += 1;
    return Promise.resolve((this.now === null ? [] : [this.now]) as T[]);
  }
}

describe('KeyAuthenticator', () => {
  let row: Row;
  let nowMs: number;
  let keys: KeyAuthenticator;
  const shown = (given: string) => ({ key, secret: given, address: '10.1.2.3' });
  const fresh = (given: string) => keys.authenticate(shown(given), { cached: false });
  const cached = (given: string) => keys.authenticate(shown(given), { cached: true });

  beforeEach(() => {
    row = new Row();
    nowMs = 0;
    keys = new KeyAuthenticator(new ApiKeyLookup(row), ring, () => nowMs);
  });

  it('asks the database for every request, unless the handler takes a caller from memory', async () => {
    for (const authenticate of [fresh, fresh, cached, cached, cached]) {
      expect(await authenticate(secret)).toMatchObject({ kind: 'accepted', storeKey: 'acme' });
    }
    expect(row.reads).toBe(2);
  });

  it('opens sealed secrets once for each version of a key', async () => {
    await fresh(secret);
    row.now = stored({ secretSealed: 'unreadable' });
    expect((await fresh(secret)).kind).toBe('accepted');
    row.now = stored({ secretSealed: 'unreadable', version: '2' });
    await expect(fresh(secret)).rejects.toMatchObject({ code: 'secret_unreadable' });
  });

  it.each([
    ['a minute', null, 60_000],
    ['ten seconds, if it has a rate limit that may have been raised', 5, 10_000],
  ])('accepts a key from memory for %s only', async (_name, rateLimit, cachedForMs) => {
    row.now = stored({ rateLimit });
    await cached(secret);
    row.now = null;
    nowMs = cachedForMs - 1;
    expect((await cached(secret)).kind).toBe('accepted');
    nowMs = cachedForMs;
    expect((await cached(secret)).kind).toBe('refused');
  });

  it('never refuses from memory: a secret that it does not know may be a new one', async () => {
    await cached(secret);
    const rotated = mintSecret();
    row.now = stored({ version: '2', secretSealed: sealKeySecret(ring, id, 'secret', rotated) });
    expect(await cached(rotated)).toMatchObject({ kind: 'accepted', caller: { version: '2' } });
    row.now = stored({ version: '3', activated: false });
    expect((await fresh(secret)).kind).toBe('deactivated');
    row.now = stored({ version: '4' });
    expect((await cached(secret)).kind).toBe('accepted');
  });

  it('takes the secret before a rotation as long as the database says so, and says that it was that one', async () => {
    const sealed = sealKeySecret(ring, id, 'previous_secret', previous);
    row.now = stored({ previousSecretSealed: sealed, previousSecretValid: true });
    expect(await fresh(previous)).toMatchObject({ kind: 'accepted', caller: { usedPreviousSecret: true } });
    expect(await fresh(secret)).toMatchObject({ kind: 'accepted', caller: { usedPreviousSecret: false } });
    row.now = stored({ previousSecretSealed: sealed, previousSecretValid: false });
    expect((await fresh(previous)).kind).toBe('refused');
  });

  it('costs no look-up for a key with a typo', async () => {
    const typo = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    expect((await keys.authenticate({ ...shown(secret), key: typo }, { cached: false })).kind).toBe('refused');
    expect(row.reads).toBe(0);
  });

  it.each([
    ['switched off', { activated: false }, 'deactivated'],
    ['expired', { expired: true }, 'expired'],
    ['meant for other networks', { allowedCidrs: ['10.2.0.0/16'] }, 'address_not_allowed'],
  ])('says that a key is %s only to whoever has its secret', async (_name, change, kind) => {
    row.now = stored(change);
    expect([(await fresh(secret)).kind, (await fresh(previous)).kind]).toEqual([kind, 'refused']);
  });

  it('does not refuse an address by the networks that it remembers, for the key may have got others', async () => {
    row.now = stored({ allowedCidrs: ['10.2.0.0/16'] });
    expect((await cached(secret)).kind).toBe('address_not_allowed');
    row.now = stored({ version: '2', allowedCidrs: ['10.1.0.0/16'] });
    expect((await cached(secret)).kind).toBe('accepted');
  });
});
