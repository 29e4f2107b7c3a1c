/** A DNS label: fit for URLs, file names and headers. */
export const STORE_KEY = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The store key in a request's address. A text that cannot be a store's key becomes '', which is the key of no store, so that the database
 * never sees the text.
 */
export function storeKeyInAddress(text: string | undefined): string | undefined {
  return text === undefined || STORE_KEY.test(text) ? text : '';
}
