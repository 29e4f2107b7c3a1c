/** What a request shows to be let in. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly key: string; readonly secret: string };

const BEARER = /^Bearer +([^\s]+) *$/i;
const BASIC = /^Basic +([0-9A-Za-z+/]+={0,2}) *$/i;

/**
 * Reads an `Authorization` header: a bearer token (RFC 6750) or `key:secret` (RFC 7617).
 *
 * @returns `none` also for what cannot be read: the answer to both is the same
 */
export function readCredentials(header: string | undefined): Credentials {
  if (header === undefined) return { kind: 'none' };
  const token = BEARER.exec(header)?.[1];
  if (token !== undefined) return { kind: 'bearer', token };
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return { kind: 'none' };
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? { kind: 'none' } : { kind: 'basic', key: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}
