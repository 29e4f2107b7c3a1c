/** An identity provider that people may sign in with. */
export interface OpenIdProvider {
  /** As people are shown it. */
  readonly name: string;
  /** Where its discovery document is, without `/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface SignInSettings {
  /** Where people reach the dashboard, without a slash at its end. Decides whether cookies are for HTTPS alone. */
  readonly publicUrl: string;
  /** Signs cookies, and encrypts second factors. */
  readonly secret: string;
  readonly openId: OpenIdProvider | null;
}

/** The one identity provider's name in our tables and in the address it sends people back to. */
export const OPENID_PROVIDER = 'openid';
/** The library's own routes are below it; only the callback of OpenID Connect is let through. */
export const OPENID_PATH = '/api/v1/openid';

export const SESSION_DAYS = 7;
export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;
