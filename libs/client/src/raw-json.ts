/** JSON that is sent as it is written. */
export class RawJson {
  constructor(readonly text: string) {}
}

/**
 * Marks JSON text to be published as it is written. JavaScript's own numbers would change a 64-bit integer or `10.00`.
 *
 * @param text - a JSON object; the API refuses anything else
 * @throws SyntaxError when it is not JSON
 */
export function rawJson(text: string): RawJson {
  JSON.parse(text);
  return new RawJson(text);
}
