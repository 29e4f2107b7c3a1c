const INDENT = '  ';
const STRING_OR_MARK = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Lays JSON out on lines. Strings and numbers stay as they are written: parsing and writing would change `10.00` and 64-bit integers.
 *
 * @returns null when the text is no JSON object or list
 */
export function prettyJson(text: string): string | null {
  if (!/^\s*[{[]/.test(text) || !isJson(text)) return null;
  let depth = 0;
  let laidOut = '';
  let previous = '';
  for (const [token] of text.matchAll(STRING_OR_MARK)) {
    const closes = token === '}' || token === ']';
    if (closes) depth -= 1;
    const breaks = closes ? previous !== '{' && previous !== '[' : ['{', '[', ','].includes(previous);
    if (breaks) laidOut += `\n${INDENT.repeat(depth)}`;
    laidOut += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth += 1;
    previous = token;
  }
  return laidOut;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
