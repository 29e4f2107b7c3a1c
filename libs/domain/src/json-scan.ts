/** Deeper JSON than this is refused: no producer needs it, and recursive readers behind Signpost would fall over it. */
export const JSON_DEPTH_MAX = 200;

/** Returned in the place of an index when the text is not JSON, or is nested deeper than {@link JSON_DEPTH_MAX}. */
export const NOT_JSON = -1;

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
/** In ASCII a closing bracket comes two places behind the one that it closes. */
const TO_CLOSING = 2;

/** What may follow a backslash in a string, besides `u`. */
const ESCAPED = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));
/** The letters of each literal, by the first of them. */
const LITERALS: ReadonlyMap<number, readonly number[]> = new Map(
  ['true', 'false', 'null'].map((literal) => [literal.charCodeAt(0), [...literal].map((char) => char.charCodeAt(0))]),
);

/** The code units of a text, and a NUL behind its last: JSON has none, so every scan ends there at the latest. */
export type SpreadText = Uint16Array;

const END = 0;
/** Texts of up to this many code units share one buffer, which is kept; a longer text gets a buffer of its own. */
const KEPT_LENGTH_MAX = 64 * 1024;
const kept = new Uint16Array(KEPT_LENGTH_MAX + 1);
const IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/**
 * Writes the code units of a text into an array, for the functions below: the engine reads it faster than a string, of which it has many
 * kinds. The array holds the text only until the next one is spread out, which is enough because scanning is synchronous.
 */
export function spreadOut(text: string): SpreadText {
  const codes = text.length <= KEPT_LENGTH_MAX ? kept : new Uint16Array(text.length + 1);
  const bytes = Buffer.from(codes.buffer, 0, text.length * 2);
  bytes.write(text, 'utf16le');
  if (IS_BIG_ENDIAN) bytes.swap16();
  codes[text.length] = END;
  return codes;
}

/** The bracket that closes each level around the place where {@link valueEnd} is. Scanning is synchronous, so one array is enough. */
const closing = new Uint8Array(JSON_DEPTH_MAX);

/**
 * Where a JSON value (RFC 8259) ends. It is read character by character and no object is made of it, which takes a third of the time of
 * JSON.parse and leaves no garbage. Levels are counted, not recursed into.
 *
 * @param from - the index of the value's first character; the object or array around it is the first level
 * @returns the index behind the value, or {@link NOT_JSON}
 */
export function valueEnd(codes: SpreadText, from: number): number {
  let depth = 0;
  let at = from;
  for (;;) {
    const code = codes[at] ?? END;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth + 1 >= JSON_DEPTH_MAX) return NOT_JSON;
      at = skipSpace(codes, at + 1);
      if (codes[at] !== code + TO_CLOSING) {
        closing[depth] = code + TO_CLOSING;
        depth += 1;
        if (code === OPEN_BRACE) at = memberValueStart(codes, at);
        if (at === NOT_JSON) return NOT_JSON;
        continue;
      }
      at += 1;
    } else {
      at = code === QUOTE ? stringEnd(codes, at) : scalarEnd(codes, at);
      if (at === NOT_JSON) return NOT_JSON;
    }
    // A value has ended here, and with it perhaps the arrays and objects around it.
    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(codes, at);
      const next = codes[at];
      const close = closing[depth - 1] ?? 0;
      at += 1;
      if (next === close) {
        depth -= 1;
        continue;
      }
      if (next !== COMMA) return NOT_JSON;
      at = skipSpace(codes, at);
      if (close === OPEN_BRACE + TO_CLOSING) at = memberValueStart(codes, at);
      if (at === NOT_JSON) return NOT_JSON;
      break;
    }
  }
}

/** Where the value of an object's member begins, whose name begins at `from`; {@link NOT_JSON} when there is no such member. */
function memberValueStart(codes: SpreadText, from: number): number {
  const nameEnd = stringEnd(codes, from);
  return nameEnd === NOT_JSON ? NOT_JSON : afterColon(codes, nameEnd);
}

/** The index of what follows a colon, with white space around it; {@link NOT_JSON} when there is none at `from`. */
export function afterColon(codes: SpreadText, from: number): number {
  const colon = skipSpace(codes, from);
  return codes[colon] === COLON ? skipSpace(codes, colon + 1) : NOT_JSON;
}

/** The index of the first character from `from` on that is no white space. */
export function skipSpace(codes: SpreadText, from: number): number {
  let at = from;
  for (;;) {
    const code = codes[at];
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

/** The index behind the string that opens at `from`; {@link NOT_JSON} when there is none, or it has no end. */
export function stringEnd(codes: SpreadText, from: number): number {
  if (codes[from] !== QUOTE) return NOT_JSON;
  let at = from + 1;
  for (;;) {
    let code = codes[at] ?? END;
    while (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) {
      at += 1;
      code = codes[at] ?? END;
    }
    if (code === QUOTE) return at + 1;
    // Else it is a control character, or the end of the text.
    at = code === BACKSLASH ? behindEscape(codes, at + 1) : NOT_JSON;
    if (at === NOT_JSON) return NOT_JSON;
  }
}

function behindEscape(codes: SpreadText, from: number): number {
  const code = codes[from] ?? END;
  if (code !== SMALL_U) return ESCAPED.has(code) ? from + 1 : NOT_JSON;
  for (let at = from + 1; at <= from + 4; at += 1) if (!isHexDigit(codes[at] ?? END)) return NOT_JSON;
  return from + 5;
}

function scalarEnd(codes: SpreadText, from: number): number {
  const literal = LITERALS.get(codes[from] ?? END);
  if (literal === undefined) return numberEnd(codes, from);
  const isWhole = literal.every((code, index) => codes[from + index] === code);
  return isWhole ? from + literal.length : NOT_JSON;
}

function numberEnd(codes: SpreadText, from: number): number {
  const whole = codes[from] === MINUS ? from + 1 : from;
  // A zero at the beginning is the whole part.
  let at = codes[whole] === ZERO ? whole + 1 : digitsEnd(codes, whole);
  if (at !== NOT_JSON && codes[at] === POINT) at = digitsEnd(codes, at + 1);
  // `e` or `E`
  if (at === NOT_JSON || ((codes[at] ?? END) | 0x20) !== 0x65) return at;
  const sign = codes[at + 1];
  return digitsEnd(codes, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** The index behind one or more digits. */
function digitsEnd(codes: SpreadText, from: number): number {
  let at = from;
  while (isDigit(codes[at] ?? END)) at += 1;
  return at === from ? NOT_JSON : at;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66);
}
