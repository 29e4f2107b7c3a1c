import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import {
  hashKey,
  isWellFormedKey,
  maskKey,
  maskSecret,
  mintKey,
  mintSecret,
  sameSecret,
  secretBytes,
} from './api-key-token';
import { SignpostError } from './signpost-error';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const anyEntropy = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('keys', () => {
  it('are well formed whatever the entropy', () => {
    fc.assert(
      fc.property(anyEntropy, (entropy) => {
        const key = mintKey(entropy);
        expect(key).toMatch(/^spk_[0-9A-Za-z]{36}$/);
        expect(isWellFormedKey(key)).toBe(true);
      }),
    );
  });

  it('stay the same for the same entropy, so that the format is fixed for ever', () => {
    expect(mintKey(new Uint8Array(32))).toBe('spk_0000000000000000000000000000000S7OPD');
  });

  it('are never well formed with one character mistyped', () => {
    fc.assert(
      fc.property(anyEntropy, fc.integer({ min: 4, max: 39 }), fc.constantFrom(...BASE62), (entropy, at, char) => {
        const key = mintKey(entropy);
        fc.pre(key[at] !== char);
        expect(isWellFormedKey(key.slice(0, at) + char + key.slice(at + 1))).toBe(false);
      }),
    );
  });

  it('are never well formed with two neighbours swapped', () => {
    fc.assert(
      fc.property(anyEntropy, fc.integer({ min: 4, max: 38 }), (entropy, at) => {
        const key = mintKey(entropy);
        const [a = '', b = ''] = [key[at], key[at + 1]];
        fc.pre(a !== b);
        expect(isWellFormedKey(key.slice(0, at) + b + a + key.slice(at + 2))).toBe(false);
      }),
    );
  });

  it.each([
    '',
    'spk_',
    'sk_live_123',
    ` ${mintKey()}`,
    `${mintKey()}\n`,
    mintKey().toUpperCase(),
    mintKey().slice(0, -1),
  ])('do not include %j', (text) => expect(isWellFormedKey(text)).toBe(false));

  it('are all different and refuse entropy of another length', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => mintKey())).size).toBe(1_000);
    expect(() => mintKey(randomBytes(16))).toThrow(RangeError);
    expect(() => mintSecret(randomBytes(33))).toThrow(RangeError);
  });

  it('are looked up by their SHA-256', () => {
    expect(hashKey('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('show their last four characters when masked, and nothing of what is not a key', () => {
    const key = mintKey();
    expect(maskKey(key)).toBe(`spk_••••••••${key.slice(-4)}`);
    expect(maskKey('hunter2')).toBe('spk_••••••••');
  });
});

describe('secrets', () => {
  it('hold the 32 bytes they were made from', () => {
    fc.assert(
      fc.property(anyEntropy, (entropy) => {
        const secret = mintSecret(entropy);
        expect(secret).toMatch(/^whsec_[0-9A-Za-z+/]{43}=$/);
        expect(secretBytes(secret).equals(entropy)).toBe(true);
        expect(secretBytes(secret).buffer.byteLength).toBe(entropy.length);
      }),
    );
  });

  it.each([
    ['another prefix', mintSecret().replace('whsec_', 'secret_')],
    ['no prefix', mintSecret().slice(6)],
    ['too few bytes', `whsec_${randomBytes(23).toString('base64')}`],
    ['too many bytes', `whsec_${randomBytes(65).toString('base64')}`],
    ['a line break', `${mintSecret()}\n`],
    ['missing padding', mintSecret().slice(0, -1)],
    ['stray bits before the padding', 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB='],
    ['nothing', ''],
  ])('with %s are refused, and the error does not show them', (_, secret) => {
    const thrown = caught(() => secretBytes(secret));
    expect(thrown.code).toBe('secret_unreadable');
    if (secret !== '') expect(JSON.stringify([thrown.message, thrown.internal])).not.toContain(secret.slice(6, 20));
  });

  it('show nothing when masked', () => {
    expect(maskSecret(mintSecret())).toBe('whsec_••••••••');
  });

  it('are the same only when every character is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(sameSecret(a, b)).toBe(a === b);
        expect(sameSecret(a, a)).toBe(true);
      }),
    );
  });
});

function caught(act: () => unknown): SignpostError {
  try {
    act();
  } catch (error) {
    if (error instanceof SignpostError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}
