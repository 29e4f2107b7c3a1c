/** Cookies of a site that only HTTPS reaches can be tied to exactly this host. */
const HOST_PREFIX = '__Host-';

const SESSION = 'signpost_session';
const SECOND_STEP = 'signpost_second_step';

/** The names of the library's two cookies, by the library's own keys for them. */
export function cookieNames(publicUrl: string) {
  const prefix = publicUrl.startsWith('https:') ? HOST_PREFIX : '';
  return {
    session_token: { name: prefix + SESSION },
    two_factor: { name: prefix + SECOND_STEP },
  } as const;
}

/** A cookie of the library's, by its name for it. */
export type LibraryCookie = keyof ReturnType<typeof cookieNames>;

/** Who a session cookie claims to come from. */
export type SessionCookie =
  | { readonly kind: 'none' }
  /** A person, by the library's token. */
  | { readonly kind: 'person'; readonly token: string }
  /** Somebody who came by a portal link. */
  | { readonly kind: 'portal'; readonly token: string };

/**
 * Begins the cookie of a session that a portal link opened. The library's tokens are letters and digits, so none of them begins like this.
 */
const PORTAL_MARK = 'portal_';

/** The value of a cookie in a `Cookie` header (RFC 6265 §5.4); null when it is not there. */
export function cookieValue(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}

/** A `Cookie` header with nothing but one of the cookies of another; undefined when it is not there. */
export function cookieAlone(header: string | undefined, name: string): string | undefined {
  const value = cookieValue(header, name);
  return value === null ? undefined : `${name}=${value}`;
}

/**
 * Reads the session cookie of a request. A token of the library is followed by its signature, which need not be checked to find the
 * session: nobody guesses a token of 190 random bits.
 */
export function readSessionCookie(header: string | undefined, publicUrl: string): SessionCookie {
  const value = cookieValue(header, cookieNames(publicUrl).session_token.name);
  if (value === null || value === '') return { kind: 'none' };
  if (value.startsWith(PORTAL_MARK)) return { kind: 'portal', token: value.slice(PORTAL_MARK.length) };
  return { kind: 'person', token: value.split('.', 1)[0] ?? '' };
}

/** A `Set-Cookie` header that puts a portal session where a person's would be. */
export function portalCookie(token: string, expiresAt: Date, publicUrl: string): string {
  return setCookie(PORTAL_MARK + token, `Expires=${expiresAt.toUTCString()}`, publicUrl);
}

/** A `Set-Cookie` header that takes the session cookie away. */
export function clearedCookie(publicUrl: string): string {
  return setCookie('', 'Max-Age=0', publicUrl);
}

function setCookie(value: string, lifetime: string, publicUrl: string): string {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  return `${cookieNames(publicUrl).session_token.name}=${value}; ${lifetime}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}
