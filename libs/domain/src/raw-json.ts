import {
  afterColon,
  JSON_DEPTH_MAX,
  NOT_JSON,
  skipSpace,
  spreadOut,
  type SpreadText,
  stringEnd,
  valueEnd,
} from './json-scan';

/** Why a text is not read as an object. */
export interface NoObject {
  readonly kind: 'error';
  /** A sentence for the caller. */
  readonly message: string;
  /** The name that occurs more than once, when there is one. */
  readonly repeated?: string;
}

export type ObjectMembers = { readonly kind: 'ok'; readonly members: Map<string, string> } | NoObject;

export type ArrayElements =
  { readonly kind: 'ok'; readonly elements: string[] } | { readonly kind: 'error'; readonly message: string };

const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The members of a JSON object, each value as the verbatim slice of the text, so that integers beyond 2^53, `10.00`,
 * escapes and the order of keys survive. Names are compared after their escapes are resolved.
 *
 * @param text any text
 * @returns `error` when the text is not a JSON object (RFC 8259), repeats a name at the top, or is nested deeper than
 *   {@link JSON_DEPTH_MAX}. Never throws.
 */
export function readObjectMembers(text: string): ObjectMembers {
  const codes = spreadOut(text);
  let at = skipSpace(codes, 0);
  if (codes[at] !== OPEN_BRACE) return refused(text, 'The JSON text must be an object.');
  const members = new Map<string, string>();
  at = skipSpace(codes, at + 1);
  if (codes[at] !== CLOSE_BRACE) {
    for (;;) {
      const nameEnd = stringEnd(codes, at);
      if (nameEnd === NOT_JSON) return refused(text);
      const name = readName(text, at, nameEnd);
      if (members.has(name)) {
        return { ...refused(text, `The name ${JSON.stringify(name)} occurs more than once.`), repeated: name };
      }
      const start = afterColon(codes, nameEnd);
      const end = start === NOT_JSON ? NOT_JSON : valueEnd(codes, start);
      if (end === NOT_JSON) return refused(text);
      members.set(name, text.slice(start, end));
      at = skipSpace(codes, end);
      if (codes[at] !== COMMA) break;
      at = skipSpace(codes, at + 1);
    }
  }
  return endsWith(CLOSE_BRACE, codes, at, text.length) ? { kind: 'ok', members } : refused(text);
}

/** The elements of a JSON array, each as the verbatim slice of the text. Errors as {@link readObjectMembers}. */
export function readArrayElements(text: string): ArrayElements {
  const codes = spreadOut(text);
  let at = skipSpace(codes, 0);
  if (codes[at] !== OPEN_BRACKET) return refused(text, 'The JSON text must be an array.');
  const elements: string[] = [];
  at = skipSpace(codes, at + 1);
  if (codes[at] !== CLOSE_BRACKET) {
    for (;;) {
      const end = valueEnd(codes, at);
      if (end === NOT_JSON) return refused(text);
      elements.push(text.slice(at, end));
      at = skipSpace(codes, end);
      if (codes[at] !== COMMA) break;
      at = skipSpace(codes, at + 1);
    }
  }
  return endsWith(CLOSE_BRACKET, codes, at, text.length) ? { kind: 'ok', elements } : refused(text);
}

/** Whether the bracket at `at` is the last of a text of this length, but for white space. */
function endsWith(bracket: number, codes: SpreadText, at: number, length: number): boolean {
  return codes[at] === bracket && skipSpace(codes, at + 1) === length;
}

function readName(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? String(JSON.parse(text.slice(start, end))) : inner;
}

const TOO_DEEP = `The JSON text is nested deeper than ${JSON_DEPTH_MAX} levels.`;

/** Why a text is refused. If it is not JSON, the reason is not `message` but that of JSON.parse, which knows best what is wrong. */
function refused(text: string, message = TOO_DEEP): { readonly kind: 'error'; readonly message: string } {
  return { kind: 'error', message: syntaxProblem(text) ?? message };
}

function syntaxProblem(text: string): string | null {
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
