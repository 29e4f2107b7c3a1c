import fc from 'fast-check';
import { JSON_DEPTH_MAX } from './json-scan';
import { readArrayElements, readObjectMembers } from './raw-json';

/** A JSON value together with the way it was written: white space, escapes and the spelling of numbers are arbitrary. */
interface Written {
  readonly text: string;
}

const anySpace = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 });
const anyNumber = fc.oneof(
  fc.constantFrom('0', '-0', '10.00', '1e5', '1E+05', '-0.10', '9007199254740993', '18446744073709551615', '1e400'),
  fc.integer().map(String),
);
const anyString = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\\"',
        '\\\\',
        '\\/',
        '\\n',
        '\\u0000',
        '\\u00e9',
        '\\ud83d\\ude00',
        '\\ud800',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).map((text) => JSON.stringify(text).slice(1, -1)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => `"${parts.join('')}"`);

function listText(open: string, items: readonly string[], close: string, spaces: readonly string[]): string {
  const inner = items.map((item, i) => (spaces[i] ?? '') + item + (spaces[i + 1] ?? '')).join(',');
  return `${open}${items.length === 0 ? (spaces[0] ?? '') : inner}${close}`;
}

const { value: anyValue } = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(anyNumber, anyString, fc.constantFrom('true', 'false', 'null')).map((text) => ({ text })),
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), fc.array(anySpace)).map(([items, spaces]) => ({
      text: listText(
        '[',
        items.map(({ text }) => text),
        ']',
        spaces,
      ),
    })),
    fc
      .tuple(fc.array(fc.tuple(anyString, anySpace, tie('value')), { maxLength: 4 }), fc.array(anySpace))
      .map(([members, spaces]) => ({
        text: listText(
          '{',
          members.map(([name, space, { text }]) => `${name}${space}:${space}${text}`),
          '}',
          spaces,
        ),
      })),
  ),
}));

const anyMembers = fc.uniqueArray(fc.tuple(anyString, anyValue), {
  selector: ([name]) => JSON.parse(name) as string,
  maxLength: 6,
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('readObjectMembers', () => {
  it('gives back every value character by character, in order, whatever the white space around it', () => {
    fc.assert(
      fc.property(anyMembers, fc.array(anySpace), anySpace, (members, spaces, around) => {
        const items = members.map(([name, { text }], i) => `${name}${spaces[i] ?? ''}:${spaces[i + 1] ?? ''}${text}`);
        const result = readObjectMembers(around + listText('{', items, '}', spaces) + around);
        expect(result).toEqual({
          kind: 'ok',
          members: new Map(members.map(([name, { text }]) => [JSON.parse(name) as string, text])),
        });
        const names = result.kind === 'ok' ? [...result.members.keys()] : [];
        expect(names).toEqual(members.map(([name]) => JSON.parse(name) as string));
      }),
      { numRuns: 500 },
    );
  });

  it('gives slices that together mean what the whole means', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.constantFrom(0, 1, 2, '\t'),
        (object, indent) => {
          const text = JSON.stringify(object, null, indent);
          const result = readObjectMembers(text);
          if (result.kind === 'error') throw new Error(result.message);
          const rebuilt = [...result.members].map(([name, slice]) => `${JSON.stringify(name)}:${slice}`).join(',');
          expect(JSON.parse(`{${rebuilt}}`)).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('never throws, and is ok with exactly those texts that are objects without repeated names', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          anyValue.map(({ text }) => text),
          fc.json(),
        ),
        (text) => {
          const result = readObjectMembers(text);
          if (result.kind === 'ok')
            expect([...result.members.keys()].sort()).toEqual(Object.keys(JSON.parse(text)).sort());
        },
      ),
    );
  });

  it('keeps integers beyond 2^53, trailing zeros, escapes and the order of keys', () => {
    const data = '{"z":9007199254740993,"a":10.00,"\\u0065":"\\u00e9\\/","1":1e2}';
    expect(readObjectMembers(`{"type":"order.create", "data" : ${data} }`)).toEqual({
      kind: 'ok',
      members: new Map([
        ['type', '"order.create"'],
        ['data', data],
      ]),
    });
  });

  it.each([
    ['a string that ends in escaped backslashes', '{"a":"\\\\\\\\","b":"\\\\\\""}', ['a', 'b']],
    ['braces and quotes inside strings', '{"a":{"x":"}\\"]"},"b":["{"]}', ['a', 'b']],
    ['an empty object', ' {\n} ', []],
    ['an empty name', '{"":1}', ['']],
    ['names like those of Object.prototype', '{"constructor":1,"toString":2}', ['constructor', 'toString']],
  ])('reads %s', (_, text, names) => {
    const result = readObjectMembers(text);
    expect(result.kind === 'ok' ? [...result.members.keys()] : result.message).toEqual(names);
  });

  it.each([
    ['[]', 'The JSON text must be an object.'],
    ['null', 'The JSON text must be an object.'],
    ['"{}"', 'The JSON text must be an object.'],
    ['', 'The text is not valid JSON: Unexpected end.'],
    ['undefined', 'The text is not valid JSON.'],
    ['{"a":1', "The text is not valid JSON: Expected ',' or '}' after property value at position 6."],
    ['{"a":secret}', "The text is not valid JSON: Unexpected token 's'."],
    ['{"a":1,}', 'The text is not valid JSON: Expected double-quoted property name at position 7.'],
    ['\uFEFF{}', "The text is not valid JSON: Unexpected token '\uFEFF'."],
    ['{} {}', 'The text is not valid JSON: Unexpected non-whitespace character after JSON at position 3.'],
  ])('answers %j with a sentence', (text, message) => {
    expect(readObjectMembers(text)).toEqual({ kind: 'error', message });
  });

  it.each(['{"a":1,"b":2,"a":3}', '{"a":1,"\\u0061":2}'])('tells which name comes twice in %s', (text) => {
    const message = 'The name "a" occurs more than once.';
    expect(readObjectMembers(text)).toEqual({ kind: 'error', message, repeated: 'a' });
  });

  it('says that a text is no JSON rather than that a name comes twice', () => {
    const message = "The text is not valid JSON: Expected ',' or '}' after property value at position 12.";
    expect(readObjectMembers('{"a":1,"a":3')).toMatchObject({ kind: 'error', message });
  });

  it('quotes nothing of the text but a single character', () => {
    const result = readObjectMembers('{"password":"hunter2","x":y}');
    expect(JSON.stringify(result)).not.toMatch(/hunter2|password/);
  });

  it('takes nesting up to the limit and refuses one level more', () => {
    const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(readObjectMembers(nested(JSON_DEPTH_MAX)).kind).toBe('ok');
    const message = 'The JSON text is nested deeper than 200 levels.';
    expect(readObjectMembers(nested(JSON_DEPTH_MAX + 1))).toEqual({ kind: 'error', message });
  });

  it.each([
    ['arrays', `{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}`],
    ['objects', `{"a":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`],
  ])('survives a body that is nothing but nested %s', (_, text) => {
    const message = 'The JSON text is nested deeper than 200 levels.';
    expect(readObjectMembers(text)).toEqual({ kind: 'error', message });
    expect(readObjectMembers(text.slice(0, -1)).kind).toBe('error');
  });
});

describe('readArrayElements', () => {
  it('gives back every element character by character', () => {
    fc.assert(
      fc.property(fc.array(anyValue), fc.array(anySpace), anySpace, (values, spaces, around) => {
        const elements = values.map(({ text }) => text);
        const text = around + listText('[', elements, ']', spaces) + around;
        expect(readArrayElements(text)).toEqual({ kind: 'ok', elements });
      }),
      { numRuns: 500 },
    );
  });

  it('takes exactly the texts that JSON.parse takes, also where a few characters were changed', () => {
    const anyDamage = fc.tuple(
      fc.nat(),
      fc.nat({ max: 2 }),
      fc.oneof(fc.constantFrom(...'{}[]",:\\u0eE+-.19atfn \n\t\0'), fc.string({ unit: 'binary', maxLength: 1 })),
    );
    fc.assert(
      fc.property(anyValue, fc.array(anyDamage, { maxLength: 3 }), ({ text }, damages) => {
        const damaged = damages.reduce((whole, [place, cut, inserted]) => {
          const at = place % (whole.length + 1);
          return whole.slice(0, at) + inserted + whole.slice(at + cut);
        }, text);
        expect(readArrayElements(`[${damaged}]`).kind).toBe(isJson(`[${damaged}]`) ? 'ok' : 'error');
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ...['-', '-a', '01', '-01', '1.', '.5', '1.e5', '1e', '1e+', '+1', '0x1', '1_0', 'NaN', 'Infinity', '1f'],
    ...['tru', 'trues', 'True', 'nul', 'undefined', "'a'", '"', '"\\', '"\\"', '"\\x41"', '"\\u12g4"', '"\\u123'],
    ...['"\n"', '"\t"', '"\u0000"', '{', '}', '{"a"}', '{"a":}', '{"a":1,}', '{a:1}', '{1:1}', '{"a":1 "b":2}'],
    ...['[1 2]', '[1,]', '[,1]', '[1', '1]', '{"a":1]', '[1}', '', ' ', '1,', '/**/1', '\u00a01', '\v1', '\ufeff1'],
  ])('takes no %j, as JSON.parse does not', (text) => {
    expect(isJson(`[2,${text}]`)).toBe(false);
    expect(readArrayElements(`[2,${text}]`).kind).toBe('error');
  });

  it.each([
    ['{}', 'The JSON text must be an array.'],
    ['[1,]', "The text is not valid JSON: Unexpected token ']'."],
    [`[${'['.repeat(200)}${']'.repeat(200)}]`, 'The JSON text is nested deeper than 200 levels.'],
  ])('answers %j with a sentence', (text, message) => {
    expect(readArrayElements(text)).toEqual({ kind: 'error', message });
  });
});
