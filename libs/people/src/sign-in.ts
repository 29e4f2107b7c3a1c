import type { PersonId } from '@signpost/domain';
import type { Pool } from 'pg';
import type { Auth } from './create-auth';
import { cookieNames, cookieValue } from './session-cookie';
import { OPENID_PROVIDER, type SignInSettings } from './sign-in-settings';

/** What the library needs to know of a request. */
export interface SignInRequest {
  readonly cookie: string | undefined;
  readonly userAgent: string | undefined;
  readonly address: string;
}

/** `cookies`: `Set-Cookie` headers for the answer. `token`: of the session that began. */
export type SignInOutcome =
  | { readonly kind: 'signed_in'; readonly token: string; readonly cookies: readonly string[] }
  /** The password was right; now the second factor is asked for. */
  | { readonly kind: 'second_factor'; readonly cookies: readonly string[] }
  | Refused;

/** The library did what was asked. */
export interface Done<Value> {
  readonly kind: 'done';
  readonly value: Value;
  readonly cookies: readonly string[];
}

/** A wrong password or code, or one step too early or too late: one answer. */
export interface Refused {
  readonly kind: 'refused';
}
const REFUSED: Refused = Object.freeze({ kind: 'refused' });

export interface NewSecondFactor {
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

const TOTP_CODE = /^\d{6}$/;

/** Proving who one is: a thin face over the library's server API. Its calls take the session from the request's cookies. */
export class SignIn {
  private library: Promise<Auth> | null = null;

  /**
   * @param settings - read when somebody signs in first, because the secret is in the database; the library is loaded then, too,
   *   for its hundreds of files would slow down the start of a process in which nobody may ever sign in
   */
  constructor(
    private readonly pool: Pool,
    private readonly publicUrl: string,
    private readonly settings: () => Promise<Omit<SignInSettings, 'publicUrl'>>,
  ) {}

  async withPassword(email: string, password: string, request: SignInRequest): Promise<SignInOutcome> {
    const { api } = await this.auth();
    const done = await settle(() =>
      api.signInEmail({ body: { email, password }, headers: headersOf(request), returnHeaders: true }),
    );
    if (done.kind === 'refused') return done;
    const { value, cookies } = done;
    return 'twoFactorRedirect' in value || !value.token
      ? { kind: 'second_factor', cookies }
      : { kind: 'signed_in', token: value.token, cookies };
  }

  /** The second step of a sign-in. @param code - of the authenticator, or a recovery code, which is used up */
  async withCode(code: string, request: SignInRequest): Promise<SignInOutcome> {
    const done = await this.verifyCode(code, request);
    const token = done.kind === 'refused' ? undefined : done.value.token;
    return done.kind === 'refused' || token === undefined
      ? REFUSED
      : { kind: 'signed_in', token, cookies: done.cookies };
  }

  /** Who has given the right password and is now asked for the second factor; null when nobody is. */
  async personInSecondStep(request: SignInRequest): Promise<PersonId | null> {
    const signed = cookieValue(request.cookie, cookieNames(this.publicUrl).two_factor.name);
    if (signed === null) return null;
    const { internalAdapter } = await (await this.auth()).$context;
    const step = await internalAdapter.findVerificationValue(decodeURIComponent(signed).split('.', 1)[0] ?? '');
    return step === null ? null : (step.value as PersonId);
  }

  /** Whether it is the password of the person whose session the request has. */
  async confirmPassword(password: string, request: SignInRequest): Promise<Done<unknown> | Refused> {
    const { api } = await this.auth();
    return settle(() => api.verifyPassword({ body: { password }, headers: headersOf(request), returnHeaders: true }));
  }

  /** Whether it is a code of the person whose session the request has; a recovery code is used up. */
  async verifyCode(code: string, request: SignInRequest): Promise<Done<{ token: string | undefined }> | Refused> {
    const { api } = await this.auth();
    const call = { body: { code }, headers: headersOf(request), returnHeaders: true } as const;
    return settle<{ token: string | undefined }>(() =>
      TOTP_CODE.test(code) ? api.verifyTOTP(call) : api.verifyBackupCode(call),
    );
  }

  /** Changes the password and ends every session but a new one of the caller. */
  async changePassword(current: string, next: string, request: SignInRequest): Promise<Done<unknown> | Refused> {
    const { api } = await this.auth();
    const body = { currentPassword: current, newPassword: next, revokeOtherSessions: true };
    return settle(() => api.changePassword({ body, headers: headersOf(request), returnHeaders: true }));
  }

  /** Makes a second factor, which counts once a code of it was shown: {@link activateSecondFactor}. */
  async prepareSecondFactor(password: string, request: SignInRequest): Promise<Done<NewSecondFactor> | Refused> {
    const { api } = await this.auth();
    const done = await settle(() =>
      api.enableTwoFactor({ body: { password }, headers: headersOf(request), returnHeaders: true }),
    );
    if (done.kind === 'refused' || done.value.method !== 'totp') return REFUSED;
    const { totpURI: uri, backupCodes: recoveryCodes } = done.value;
    const secret = new URL(uri).searchParams.get('secret') ?? '';
    return { ...done, value: { uri, secret, recoveryCodes } };
  }

  async activateSecondFactor(code: string, request: SignInRequest): Promise<Done<unknown> | Refused> {
    return TOTP_CODE.test(code) ? this.verifyCode(code, request) : REFUSED;
  }

  async removeSecondFactor(password: string, request: SignInRequest): Promise<Done<unknown> | Refused> {
    const { api } = await this.auth();
    return settle(() => api.disableTwoFactor({ body: { password }, headers: headersOf(request), returnHeaders: true }));
  }

  /** Makes new recovery codes; those before are good no more. */
  async replaceRecoveryCodes(password: string, request: SignInRequest): Promise<Done<readonly string[]> | Refused> {
    const { api } = await this.auth();
    const done = await settle(() =>
      api.generateBackupCodes({ body: { password }, headers: headersOf(request), returnHeaders: true }),
    );
    return done.kind === 'refused' ? done : { ...done, value: done.value.backupCodes };
  }

  /** Where to send somebody who wants to sign in with the identity provider. */
  async startOpenId(request: SignInRequest): Promise<Done<{ url: string }> | Refused> {
    const { api } = await this.auth();
    const body = { provider: OPENID_PROVIDER, callbackURL: '/', errorCallbackURL: '/sign-in', disableRedirect: true };
    const done = await settle<{ url?: string | undefined }>(() =>
      api.signInSocial({ body, headers: headersOf(request), returnHeaders: true }),
    );
    if (done.kind === 'refused' || done.value.url === undefined) return REFUSED;
    return { ...done, value: { url: done.value.url } };
  }

  /** What the identity provider sent somebody back with; the answer redirects, with a session when all was well. */
  async finishOpenId(url: string, request: SignInRequest): Promise<{ location: string; cookies: readonly string[] }> {
    const { handler } = await this.auth();
    const answer = await handler(new Request(url, { headers: headersOf(request) }));
    return { location: answer.headers.get('location') ?? '/sign-in', cookies: answer.headers.getSetCookie() };
  }

  /** A start that failed is tried again the next time. */
  private auth(): Promise<Auth> {
    this.library ??= this.open().catch((error: unknown) => {
      this.library = null;
      throw error;
    });
    return this.library;
  }

  private async open(): Promise<Auth> {
    const [{ createAuth }, settings] = await Promise.all([import('./create-auth'), this.settings()]);
    return createAuth(this.pool, { publicUrl: this.publicUrl, ...settings });
  }
}

/** Turns a refusal of the library's into an outcome; its other errors are faults. */
async function settle<Value>(
  call: () => Promise<{ headers: Headers | null; response: Value }>,
): Promise<Done<Value> | Refused> {
  try {
    const { headers, response } = await call();
    return { kind: 'done', value: response, cookies: headers?.getSetCookie() ?? [] };
  } catch (error) {
    if (isRefusal(error)) return REFUSED;
    throw error;
  }
}

/** Told by its name: the library is loaded when somebody signs in, not before. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'APIError' || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode < 500;
}

function headersOf({ cookie, userAgent, address }: SignInRequest): Headers {
  return new Headers({
    ...(cookie === undefined ? {} : { cookie }),
    ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
    'x-signpost-address': address,
  });
}
