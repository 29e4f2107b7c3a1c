/** A DNS label: fit for URLs, file names and headers. */
export const STORE_KEY = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A store key as an address has it. What no store can be called, the database is not asked for: it names none. */
export function storeKeyInAddress(text: string | undefined): string | undefined {
  return text === undefined || STORE_KEY.test(text) ? text : '';
}
