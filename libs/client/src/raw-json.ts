/** JSON text that is sent unchanged. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Marks JSON text that is to be published unchanged. As JavaScript numbers, a 64-bit integer or `10.00` would change.
 *
 * @param text - a JSON object; the API refuses anything else
 * @throws SyntaxError when it is not JSON
 */
export function rawJson(text: string): RawJson {
  JSON.parse(text);
  return new RawJson(text);
}
