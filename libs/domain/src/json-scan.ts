/** Deeper JSON than this is refused: no producer needs it, and recursive readers behind Signpost would fall over it. */
export const JSON_DEPTH_MAX = 200;

/** What stands in the place of an index where the text is not JSON, or is nested deeper than {@link JSON_DEPTH_MAX}. */
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
const LITERALS: ReadonlyMap<number, string> = new Map(
  ['true', 'false', 'null'].map((literal) => [literal.charCodeAt(0), literal]),
);

/** The bracket that closes each level around the place where {@link valueEnd} is. Scanning is synchronous, so one is enough. */
const closing = new Uint8Array(JSON_DEPTH_MAX);

/**
 * Where a JSON value (RFC 8259) ends. It is read character by character and nothing is made of it, which takes some half of the time
 * of JSON.parse and leaves nothing behind. Levels are counted, not recursed into.
 *
 * @param from - the index of the value's first character; the object or array around it is the first level
 * @returns the index behind the value, or {@link NOT_JSON}
 */
export function valueEnd(text: string, from: number): number {
  let depth = 0;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth + 1 >= JSON_DEPTH_MAX) return NOT_JSON;
      at = skipSpace(text, at + 1);
      if (text.charCodeAt(at) !== code + TO_CLOSING) {
        closing[depth] = code + TO_CLOSING;
        depth += 1;
        if (code === OPEN_BRACE) at = memberValueStart(text, at);
        if (at === NOT_JSON) return NOT_JSON;
        continue;
      }
      at += 1;
    } else {
      at = code === QUOTE ? stringEnd(text, at) : scalarEnd(text, at);
      if (at === NOT_JSON) return NOT_JSON;
    }
    // A value has ended here, and with it perhaps what is around it.
    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(text, at);
      const next = text.charCodeAt(at);
      const close = closing[depth - 1] ?? 0;
      at += 1;
      if (next === close) {
        depth -= 1;
        continue;
      }
      if (next !== COMMA) return NOT_JSON;
      at = skipSpace(text, at);
      if (close === OPEN_BRACE + TO_CLOSING) at = memberValueStart(text, at);
      if (at === NOT_JSON) return NOT_JSON;
      break;
    }
  }
}

/** Where the value of an object's member begins, whose name begins at `from`; {@link NOT_JSON} when there is no such member. */
function memberValueStart(text: string, from: number): number {
  const nameEnd = stringEnd(text, from);
  return nameEnd === NOT_JSON ? NOT_JSON : afterColon(text, nameEnd);
}

/** The index of what follows a colon, with white space around it; {@link NOT_JSON} when there is none at `from`. */
export function afterColon(text: string, from: number): number {
  const colon = skipSpace(text, from);
  return text.charCodeAt(colon) === COLON ? skipSpace(text, colon + 1) : NOT_JSON;
}

/** The index of the first character from `from` on that is no white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

/** The index behind the string that opens at `from`; {@link NOT_JSON} when there is none, or it has no end. */
export function stringEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return NOT_JSON;
  let at = from + 1;
  for (;;) {
    let code = text.charCodeAt(at);
    while (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) {
      at += 1;
      code = text.charCodeAt(at);
    }
    if (code === QUOTE) return at + 1;
    // Else it is a control character, or NaN behind the end of the text.
    at = code === BACKSLASH ? behindEscape(text, at + 1) : NOT_JSON;
    if (at === NOT_JSON) return NOT_JSON;
  }
}

function behindEscape(text: string, from: number): number {
  const code = text.charCodeAt(from);
  if (code !== SMALL_U) return ESCAPED.has(code) ? from + 1 : NOT_JSON;
  for (let at = from + 1; at <= from + 4; at += 1) if (!isHexDigit(text.charCodeAt(at))) return NOT_JSON;
  return from + 5;
}

function scalarEnd(text: string, from: number): number {
  const literal = LITERALS.get(text.charCodeAt(from));
  if (literal === undefined) return numberEnd(text, from);
  return text.startsWith(literal, from) ? from + literal.length : NOT_JSON;
}

function numberEnd(text: string, from: number): number {
  const whole = text.charCodeAt(from) === MINUS ? from + 1 : from;
  // A zero at the beginning is the whole part.
  let at = text.charCodeAt(whole) === ZERO ? whole + 1 : digitsEnd(text, whole);
  if (at !== NOT_JSON && text.charCodeAt(at) === POINT) at = digitsEnd(text, at + 1);
  // `e` or `E`
  if (at === NOT_JSON || (text.charCodeAt(at) | 0x20) !== 0x65) return at;
  const sign = text.charCodeAt(at + 1);
  return digitsEnd(text, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** The index behind one or more digits. */
function digitsEnd(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at === from ? NOT_JSON : at;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66);
}
