import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { decodeId, encodeId, ID_PREFIXES, idLowerBound, idTimeMs, mintId, type EventId, type IdKind } from './ids';

const KINDS = Object.keys(ID_PREFIXES) as IdKind[];
const NOW_MS = Date.UTC(2026, 2, 14, 9, 26, 53, 589);
const anyTimeMs = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const anyEntropy = fc.uint8Array({ minLength: 10, maxLength: 10 });
const anyUuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as EventId;
});

describe('mintId', () => {
  it('makes a UUIDv7 with the version and variant of RFC 9562', () => {
    fc.assert(
      fc.property(anyTimeMs, anyEntropy, (timeMs, entropy) => {
        expect(mintId('event', timeMs, entropy)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it('makes the example of RFC 9562, appendix A.6, from its time and random bits', () => {
    const entropy = Buffer.from('0cc3' + '18c4dc0c0c07398f', 'hex');
    expect(mintId('event', 0x017f22e279b0, entropy)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('keeps all 74 random bits, so that two entropies make the same id only when they differ in the 6 fixed bits', () => {
    fc.assert(
      fc.property(anyEntropy, fc.integer({ min: 0, max: 79 }), (entropy, bit) => {
        const flipped = Uint8Array.from(entropy, (byte, i) => (i === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte));
        const isFixedBit = bit < 4 || bit === 16 || bit === 17;
        expect(mintId('event', NOW_MS, entropy) === mintId('event', NOW_MS, flipped)).toBe(isFixedBit);
      }),
    );
  });

  it('never repeats an id, also across many refills of its entropy pool', () => {
    const ids = new Set(Array.from({ length: 50_000 }, () => mintId('delivery', NOW_MS)));
    expect(ids.size).toBe(50_000);
  });

  it('orders ids by the millisecond they were minted in', () => {
    fc.assert(
      fc.property(anyTimeMs, anyTimeMs, (a, b) => {
        fc.pre(a < b);
        expect(mintId('event', a) < mintId('event', b)).toBe(true);
      }),
    );
  });

  it('refuses times that do not fit and entropy of another length', () => {
    for (const timeMs of [-1, Number.NaN, 2 ** 48, Number.POSITIVE_INFINITY]) {
      expect(() => mintId('event', timeMs)).toThrow(RangeError);
    }
    expect(() => mintId('event', NOW_MS, randomBytes(9))).toThrow(RangeError);
    expect(() => mintId('event', NOW_MS, randomBytes(16))).toThrow(RangeError);
  });
});

describe('encodeId and decodeId', () => {
  it.each([
    ['00000000-0000-0000-0000-000000000000', 'evt_00000000000000000000000000'],
    ['00000000-0000-0000-0000-000000000001', 'evt_00000000000000000000000001'],
    ['00000000-0000-0000-0000-00000000000a', 'evt_0000000000000000000000000a'],
    ['00000000-0000-0000-0000-000000000010', 'evt_0000000000000000000000000g'],
    ['00000000-0000-0000-0000-000000000020', 'evt_00000000000000000000000010'],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'evt_7zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['0110c853-1d09-52d8-d73e-1194e95b5f19', 'evt_0123456789abcdefghjkmnpqrs'],
    ['01890a5d-ac96-774b-bcce-b302099a8057', 'evt_01h455vb4pex5vsknk084sn02q'],
  ])('agree with the vectors of the TypeID specification: %s', (uuid, text) => {
    expect(encodeId('event', uuid as EventId)).toBe(text);
    expect(decodeId('event', text)).toBe(uuid);
  });

  it('are the inverse of each other for every UUID and kind', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), anyUuid, (kind, id) => {
        const text = encodeId(kind, id as never);
        expect(text).toMatch(new RegExp(`^${ID_PREFIXES[kind]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));
        expect(decodeId(kind, text)).toBe(id);
      }),
    );
  });

  it('keep the order of ids', () => {
    fc.assert(
      fc.property(anyUuid, anyUuid, (a, b) => {
        expect(encodeId('event', a) < encodeId('event', b)).toBe(a < b);
      }),
    );
  });

  it('do not take the id of one kind for another', () => {
    for (const kind of KINDS) {
      const text = encodeId(kind, mintId(kind, NOW_MS) as never);
      expect(KINDS.filter((other) => decodeId(other, text) !== null)).toEqual([kind]);
    }
  });

  it.each([
    ['nothing', ''],
    ['only a prefix', 'evt_'],
    ['no prefix', '01h455vb4pex5vsknk084sn02q'],
    ['capitals', 'evt_01H455VB4PEX5VSKNK084SN02Q'],
    ['a capital prefix', 'EVT_01h455vb4pex5vsknk084sn02q'],
    ['a hyphen', 'evt-01h455vb4pex5vsknk084sn02q'],
    ['25 digits', 'evt_1h455vb4pex5vsknk084sn02q'],
    ['27 digits', 'evt_001h455vb4pex5vsknk084sn02q'],
    ['more than 128 bits', 'evt_8zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['the letter i', 'evt_01h455vb4pex5vsknk084sn02i'],
    ['the letter l', 'evt_01h455vb4pex5vsknk084sn02l'],
    ['the letter o', 'evt_01h455vb4pex5vsknk084sn02o'],
    ['the letter u', 'evt_01h455vb4pex5vsknk084sn02u'],
    ['space behind', 'evt_01h455vb4pex5vsknk084sn02q '],
    ['a line break behind', 'evt_01h455vb4pex5vsknk084sn02q\n'],
    ['a UUID', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ])('decode %s to null', (_, text) => {
    expect(decodeId('event', text)).toBeNull();
  });

  it('accept nothing that they would not write themselves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const id = decodeId('event', `evt_${text}`);
        if (id !== null) expect(encodeId('event', id)).toBe(`evt_${text}`);
      }),
    );
  });

  it('refuse to write what is not a UUID', () => {
    expect(() => encodeId('event', "'; drop table events" as EventId)).toThrow(RangeError);
  });
});

describe('idTimeMs and idLowerBound', () => {
  it('read back the millisecond of minting', () => {
    fc.assert(fc.property(anyTimeMs, (timeMs) => expect(idTimeMs(mintId('batch', timeMs))).toBe(timeMs)));
  });

  it('separate what was minted before a millisecond from what was minted in it or later', () => {
    fc.assert(
      fc.property(anyTimeMs, anyTimeMs, anyEntropy, (boundMs, timeMs, entropy) => {
        expect(mintId('event', timeMs, entropy) >= idLowerBound(boundMs)).toBe(timeMs >= boundMs);
      }),
    );
  });

  it('give the smallest id of a millisecond', () => {
    expect(mintId('event', NOW_MS, new Uint8Array(10))).toBe(idLowerBound(NOW_MS));
  });

  it('move times outside the range to its ends', () => {
    expect(idLowerBound(-1)).toBe('00000000-0000-7000-8000-000000000000');
    expect(idLowerBound(Number.POSITIVE_INFINITY)).toBe('ffffffff-ffff-7000-8000-000000000000');
  });
});
