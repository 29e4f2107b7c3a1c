/** Deeper JSON than this is refused: no producer needs it, and recursive readers behind Signpost would fall over it. */
export const JSON_DEPTH_MAX = 200;

export type ObjectMembers =
  { readonly kind: 'ok'; readonly members: Map<string, string> } | { readonly kind: 'error'; readonly message: string };

export type ArrayElements =
  { readonly kind: 'ok'; readonly elements: string[] } | { readonly kind: 'error'; readonly message: string };

/** Whether a text has to be checked, or is a slice that an earlier call cut out of JSON. */
export type JsonOrigin = 'text' | 'slice';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The members of a JSON object, each value as the verbatim slice of the text, so that integers beyond 2^53, `10.00`,
 * escapes and the order of keys survive. Names are compared after their escapes are resolved.
 *
 * @param text any text; JSON.parse judges whether it is JSON (RFC 8259), unless its origin says that it is.
 * @returns `error` with a sentence for the caller when the text is not a JSON object, repeats a name at the top, uses the
 *   name `__proto__` there, or is nested deeper than {@link JSON_DEPTH_MAX}. Never throws.
 */
export function readObjectMembers(text: string, origin: JsonOrigin = 'text'): ObjectMembers {
  const problem = origin === 'slice' ? null : problemWith(text);
  if (problem !== null) return { kind: 'error', message: problem };
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE) return { kind: 'error', message: 'The JSON text must be an object.' };
  const members = new Map<string, string>();
  at = skipSpace(text, at + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACE) {
    const nameEnd = stringEnd(text, at);
    const name = readName(text, at, nameEnd);
    if (name === '__proto__') return { kind: 'error', message: 'The name "__proto__" is not allowed.' };
    if (members.has(name)) return { kind: 'error', message: `The name ${JSON.stringify(name)} occurs more than once.` };
    // The text is valid JSON, so after the name come space and exactly one colon.
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = valueEnd(text, start);
    if (end < 0) return { kind: 'error', message: TOO_DEEP };
    members.set(name, text.slice(start, end));
    at = skipComma(text, end);
  }
  return { kind: 'ok', members };
}

/** The elements of a JSON array, each as the verbatim slice of the text. Errors as {@link readObjectMembers}. */
export function readArrayElements(text: string, origin: JsonOrigin = 'text'): ArrayElements {
  const problem = origin === 'slice' ? null : problemWith(text);
  if (problem !== null) return { kind: 'error', message: problem };
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACKET) return { kind: 'error', message: 'The JSON text must be an array.' };
  const elements: string[] = [];
  at = skipSpace(text, at + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = valueEnd(text, at);
    if (end < 0) return { kind: 'error', message: TOO_DEEP };
    elements.push(text.slice(at, end));
    at = skipComma(text, end);
  }
  return { kind: 'ok', elements };
}

const TOO_DEEP = `The JSON text is nested deeper than ${JSON_DEPTH_MAX} levels.`;

/** Everything behind this check may rely on the text being valid JSON. */
function problemWith(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) return TOO_DEEP;
    // The engine says what is wrong and then quotes the text around it; the quote is cut off, so that no data reaches a log.
    const reason = error.message
      .replace(/, (\.\.\.)?"[\s\S]*$/, '')
      .replace(/ (in|of) JSON( input)?| \(line \d+ column \d+\)/g, '');
    return reason.startsWith('"') ? 'The text is not valid JSON.' : `The text is not valid JSON: ${reason}.`;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  // In valid JSON nothing at or below the space character but white space stands between tokens; NaN ends the loop.
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}

/** The index behind the string that opens at `from`. A quote ends it unless an odd number of backslashes stands before it. */
function stringEnd(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  for (;;) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
}

function readName(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? String(JSON.parse(text.slice(start, end))) : inner;
}

/** The index behind the value that begins at `from`; -1 when it is nested too deep. Depth is counted, not recursed into. */
function valueEnd(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return stringEnd(text, from);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return scalarEnd(text, from);
  let depth = 0;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      continue;
    }
    at += 1;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      // The object or array around this value is the first level.
      if (depth >= JSON_DEPTH_MAX) return -1;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
}

/** Numbers, true, false and null end before white space, a comma or a closing bracket. */
function scalarEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) return at;
    at += 1;
  }
}
