import { ApiKeyLookup, type FoundApiKey, sealKeySecret, type SqlRunner } from '@signpost/database';
import { type ApiKeyId, hashKey, mintId, mintKey, mintSecret, parseKeyRing } from '@signpost/domain';
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
    const rows = this.now === null ? [] : [{ ...this.now, keyHash: hashKey(key) }];
    return Promise.resolve(rows as T[]);
  }
}

describe('KeyAuthenticator', () => {
  let row: Row;
  let keys: KeyAuthenticator;
  const shown = (given: string) => ({ key, secret: given, address: '10.1.2.3' });
  const fresh = (given: string) => keys.authenticate(shown(given));

  beforeEach(() => {
    row = new Row();
    keys = new KeyAuthenticator(new ApiKeyLookup(row), ring);
  });

  it('asks the database for every request, so that a change holds on the very next one', async () => {
    expect(await fresh(secret)).toMatchObject({ kind: 'accepted', storeKey: 'acme', caller: { version: '1' } });
    row.now = stored({ version: '2', activated: false });
    expect((await fresh(secret)).kind).toBe('deactivated');
    row.now = null;
    expect((await fresh(secret)).kind).toBe('refused');
    expect(row.reads).toBe(3);
  });

  it('asks once for all who come at the same time, and tells them apart', async () => {
    const [known, again, unknown] = await Promise.all([
      fresh(secret),
      fresh(previous),
      keys.authenticate({ ...shown(secret), key: mintKey() }),
    ]);
    expect([known.kind, again.kind, unknown.kind]).toEqual(['accepted', 'refused', 'refused']);
    expect(row.reads).toBe(1);
    await fresh(secret);
    expect(row.reads).toBe(2);
  });

  it('opens sealed secrets once for each version of a key', async () => {
    await fresh(secret);
    row.now = stored({ secretSealed: 'unreadable' });
    expect((await fresh(secret)).kind).toBe('accepted');
    row.now = stored({ secretSealed: 'unreadable', version: '2' });
    await expect(fresh(secret)).rejects.toMatchObject({ code: 'secret_unreadable' });
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
    expect((await keys.authenticate({ ...shown(secret), key: typo })).kind).toBe('refused');
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
});
