import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { open, parseKeyRing, seal, sealedKeyId } from './secret-box';
import { SignpostError } from './signpost-error';

const keyText = (): string => randomBytes(32).toString('base64');
const oldKey = keyText();
const newKey = keyText();
const oldRing = parseKeyRing(`k1:${oldKey}`);
const ring = parseKeyRing(`k2:${newKey},k1:${oldKey}`);
const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const ROW = 'api_keys.secret:0195a3c4-0000-7000-8000-000000000001';

function caught(act: () => unknown): SignpostError {
  try {
    act();
  } catch (error) {
    if (error instanceof SignpostError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}

function expectUnreadable(sealed: string, row = ROW, keys = ring): void {
  const error = caught(() => open(keys, sealed, row));
  expect(error.code).toBe('secret_unreadable');
  expect(`${error.message} ${error.internal ?? ''}`).not.toContain('whsec_');
}

describe('seal and open', () => {
  it('are the inverse of each other for every text and row', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, row) => {
        expect(open(ring, seal(ring, text, row), row)).toBe(text);
      }),
    );
  });

  it('encrypt with the first key and decrypt with every key of the ring', () => {
    expect(sealedKeyId(seal(ring, SECRET, ROW))).toBe('k2');
    expect(open(ring, seal(oldRing, SECRET, ROW), ROW)).toBe(SECRET);
  });

  it('write version, key id, nonce and ciphertext, which only the nonce makes different each time', () => {
    const nonce = new Uint8Array(12).fill(7);
    expect(seal(ring, SECRET, ROW)).toMatch(/^v1\.k2\.[\w-]{16}\.[\w-]+$/);
    expect(seal(ring, SECRET, ROW)).not.toBe(seal(ring, SECRET, ROW));
    expect(seal(ring, SECRET, ROW, nonce)).toBe(seal(ring, SECRET, ROW, nonce));
    expect(() => seal(ring, SECRET, ROW, new Uint8Array(11))).toThrow(RangeError);
  });

  it('append a whole tag of 16 bytes', () => {
    const body = seal(ring, SECRET, ROW).split('.')[3] ?? '';
    expect(Buffer.from(body, 'base64url').length).toBe(SECRET.length + 16);
  });

  it('refuse a text in which any single bit of any byte is flipped', () => {
    const sealed = seal(ring, SECRET, ROW);
    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = String.fromCharCode(sealed.charCodeAt(at) ^ (1 << bit));
        expectUnreadable(sealed.slice(0, at) + changed + sealed.slice(at + 1));
      }
    }
  });

  it('refuse a ciphertext and a nonce in which any single bit is flipped', () => {
    const [version, keyId, nonce = '', body = ''] = seal(ring, SECRET, ROW).split('.');
    const flips = (text: string): string[] => {
      const bytes = Buffer.from(text, 'base64url');
      return Array.from({ length: bytes.length * 8 }, (_, bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return changed.toString('base64url');
      });
    };
    for (const changed of flips(nonce)) expectUnreadable([version, keyId, changed, body].join('.'));
    for (const changed of flips(body)) expectUnreadable([version, keyId, nonce, changed].join('.'));
  });

  it('refuse a text that was cut anywhere or lengthened', () => {
    const sealed = seal(ring, SECRET, ROW);
    for (let length = 0; length < sealed.length; length += 1) expectUnreadable(sealed.slice(0, length));
    for (const more of ['A', 'AAAA', '.', '.AAAA', '=', '\n']) expectUnreadable(sealed + more);
  });

  it('refuse a text that was moved to another row', () => {
    expectUnreadable(seal(ring, SECRET, ROW), `${ROW}0`);
    expectUnreadable(seal(ring, SECRET, ROW), '');
  });

  it('refuse a text whose key is missing, is another one, or was renamed', () => {
    const sealed = seal(ring, SECRET, ROW);
    expectUnreadable(sealed, ROW, oldRing);
    expectUnreadable(sealed, ROW, parseKeyRing(`k2:${keyText()}`));
    expectUnreadable(sealed.replace('.k2.', '.k3.'), ROW, parseKeyRing(`k3:${newKey}`));
  });

  it('tell the operator which key is missing, and the caller nothing', () => {
    const error = caught(() => open(oldRing, seal(ring, SECRET, ROW), ROW));
    expect(error.internal).toBe('The key ring has no key "k2".');
    expect(error.publicMessage).toBe('A stored secret cannot be read with the configured keys.');
  });
});

describe('sealedKeyId', () => {
  it.each(['', 'v1', 'v2.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA', SECRET])('finds no key in %j', (text) => {
    expect(sealedKeyId(text)).toBeNull();
  });
});

describe('parseKeyRing', () => {
  it('takes base64 and base64url, padded or not, and space around entries', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const spellings = [
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('base64').replace('=', ''),
    ];
    for (const spelling of spellings) {
      const parsed = parseKeyRing(` k1:${spelling} , k2:${oldKey}\n`);
      expect(parsed.primaryId).toBe('k1');
      expect(parsed.keys.get('k1')?.export().equals(bytes)).toBe(true);
    }
  });

  it.each([
    ['', 'Entry 1 of the key ring must be id:base64'],
    [`k1:${oldKey},`, 'Entry 2 of the key ring must be id:base64'],
    [oldKey, 'Entry 1 of the key ring must be id:base64'],
    [`k.1:${oldKey}`, 'Entry 1 of the key ring must be id:base64'],
    [`k1:${oldKey},k1:${newKey}`, 'Entry 2 of the key ring must have an id of its own.'],
    [`k1:${randomBytes(16).toString('base64')}`, 'Entry 1 of the key ring must hold the base64 of exactly 32 bytes.'],
    [`k1:${randomBytes(33).toString('base64')}`, 'Entry 1 of the key ring must hold the base64 of exactly 32 bytes.'],
    [`k1:${oldKey}!`, 'Entry 1 of the key ring must hold the base64 of exactly 32 bytes.'],
    [`k1:${oldKey} ${newKey}`, 'Entry 1 of the key ring must hold the base64 of exactly 32 bytes.'],
    ['k1:', 'Entry 1 of the key ring must hold the base64 of exactly 32 bytes.'],
  ])('refuses ring %# and names the rule without the key', (text, message) => {
    const error = caught(() => parseKeyRing(text));
    expect(error.code).toBe('bad_configuration');
    expect(error.message).toContain(message);
    expect(error.message).not.toContain(oldKey.slice(0, 8));
  });

  it('makes a ring that shows no key when it is printed or serialised', () => {
    const bytes = Buffer.from(newKey, 'base64');
    for (const text of [inspect(ring, { depth: 9, showHidden: true }), JSON.stringify([...ring.keys])]) {
      expect(text).not.toContain(newKey.slice(0, 8));
      expect(text).not.toContain(bytes.toString('hex').slice(0, 8));
    }
  });
});
