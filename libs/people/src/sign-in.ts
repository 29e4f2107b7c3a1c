import type { PersonId } from '@signpost/domain';
import type { Pool, PoolClient } from 'pg';
import { ActTransaction } from './act-transaction';
import type { Auth } from './create-auth';
import { type LibraryOutcome, outcomeOf, REFUSED, type Refused } from './library-outcome';
import { cookieAlone, cookieNames, cookieValue, type LibraryCookie, readSessionCookie } from './session-cookie';
import { OPENID_PROVIDER, type SignInSettings } from './sign-in-settings';

/** What the library needs to know of a request. */
export interface SignInRequest {
  readonly cookie: string | undefined;
  readonly userAgent: string | undefined;
  readonly address: string;
}

/** `cookies`: `Set-Cookie` headers for the answer. */
export type SignInOutcome =
  | { readonly kind: 'signed_in'; readonly cookies: readonly string[] }
  /** The password was right; now the second factor is asked for. */
  | { readonly kind: 'second_factor'; readonly cookies: readonly string[] }
  | Refused;

export interface NewSecondFactor {
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** An act of a person, done through the library, that the audit log is to show. */
export type PersonAct =
  'signed_in' | 'password_changed' | 'second_factor_added' | 'second_factor_removed' | 'recovery_codes_replaced';

/** Writes down what a person did, on the connection whose transaction holds the change itself. */
export type TellAct = (connection: PoolClient, person: PersonId, act: PersonAct, address: string) => Promise<void>;

type Tell = (person: PersonId, act: PersonAct) => Promise<void>;

const TOTP_CODE = /^\d{6}$/;
/** What the library notes of a second step; its other notes hold counts, and what was taken to an identity provider. */
const PERSON_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Lets people prove who they are: a thin layer over the library's server API, which takes the session from the request's cookies. The
 * changes of one call, and what is written down about them, are one transaction.
 */
export class SignIn {
  private library: Promise<OpenAuth> | null = null;

  /**
   * @param settings - called at the first sign-in, because the secret is in the database. The library is loaded only then, too: its
   *   hundreds of files would slow down the start of a process in which nobody may ever sign in
   */
  constructor(
    private readonly pool: Pool,
    private readonly publicUrl: string,
    private readonly settings: () => Promise<Omit<SignInSettings, 'publicUrl'>>,
    private readonly tell: TellAct,
  ) {}

  withPassword(email: string, password: string, request: SignInRequest): Promise<SignInOutcome> {
    return this.act(request, async ({ api }, tell) => {
      const done = await outcomeOf(() =>
        api.signInEmail({ body: { email, password }, headers: this.headersOf(request, 'all'), returnHeaders: true }),
      );
      if (done.kind === 'refused') return done;
      const { value, cookies } = done;
      if ('twoFactorRedirect' in value || !value.token) return { kind: 'second_factor', cookies };
      await tell(value.user.id as PersonId, 'signed_in');
      return { kind: 'signed_in', cookies };
    });
  }

  /** The second step of a sign-in. @param code - of the authenticator, or a recovery code, which is used up */
  withCode(code: string, personId: PersonId, request: SignInRequest): Promise<SignInOutcome> {
    return this.act(request, async (auth, tell, transaction) => {
      await transaction.holdAccounts(personId);
      const done = await verifyCode(auth, code, this.headersOf(request, 'two_factor'));
      if (done.kind === 'refused' || done.value.token === undefined) return REFUSED;
      await tell(personId, 'signed_in');
      return { kind: 'signed_in', cookies: done.cookies };
    });
  }

  /** Who has given the right password and is now asked for the second factor; null when nobody is. */
  async personInSecondStep(request: SignInRequest): Promise<PersonId | null> {
    const signed = cookieValue(request.cookie, cookieNames(this.publicUrl).two_factor.name);
    // The value is an identifier, a dot and a signature. An identifier that was made up is not found.
    const identifier = signed === null ? undefined : /^([\w-]+)\./.exec(signed)?.[1];
    if (identifier === undefined) return null;
    return this.act(request, async ({ $context }) => {
      const step = await (await $context).internalAdapter.findVerificationValue(identifier);
      return step !== null && PERSON_ID.test(step.value) ? (step.value as PersonId) : null;
    });
  }

  /** Whether `password` is that of the person whose session the request has. */
  confirmPassword(password: string, request: SignInRequest): Promise<LibraryOutcome<unknown>> {
    return this.act(request, ({ api }) =>
      outcomeOf(() =>
        api.verifyPassword({
          body: { password },
          headers: this.headersOf(request, 'session_token'),
          returnHeaders: true,
        }),
      ),
    );
  }

  /** Whether `code` is one of the person whose session the request has; a recovery code is used up. */
  confirmCode(code: string, request: SignInRequest): Promise<LibraryOutcome<unknown>> {
    return this.act(request, (auth) => verifyCode(auth, code, this.headersOf(request, 'session_token')));
  }

  /**
   * Changes the password, ends all sessions of the person and the sign-ins that the old password began, and begins a new session for the
   * caller.
   */
  changePassword(
    personId: PersonId,
    { current, next }: { current: string; next: string },
    request: SignInRequest,
  ): Promise<LibraryOutcome<unknown>> {
    const body = { currentPassword: current, newPassword: next, revokeOtherSessions: true };
    return this.act(request, async ({ api, $context }, tell) => {
      const done = await outcomeOf(() =>
        api.changePassword({ body, headers: this.headersOf(request, 'session_token'), returnHeaders: true }),
      );
      if (done.kind === 'refused') return done;
      const { adapter } = await $context;
      await adapter.deleteMany({ model: 'verification', where: [{ field: 'value', value: personId }] });
      await tell(personId, 'password_changed');
      return done;
    });
  }

  /** Makes a second factor, which counts once a code of it was entered: {@link activateSecondFactor}. */
  prepareSecondFactor(password: string, request: SignInRequest): Promise<LibraryOutcome<NewSecondFactor>> {
    return this.act(request, async ({ api }) => {
      const done = await outcomeOf(() =>
        api.enableTwoFactor({
          body: { password },
          headers: this.headersOf(request, 'session_token'),
          returnHeaders: true,
        }),
      );
      if (done.kind === 'refused' || done.value.method !== 'totp') return REFUSED;
      const { totpURI: uri, backupCodes: recoveryCodes } = done.value;
      const secret = new URL(uri).searchParams.get('secret') ?? '';
      return { ...done, value: { uri, secret, recoveryCodes } };
    });
  }

  async activateSecondFactor(
    personId: PersonId,
    code: string,
    request: SignInRequest,
  ): Promise<LibraryOutcome<unknown>> {
    if (!TOTP_CODE.test(code)) return REFUSED;
    return this.act(request, async (auth, tell, transaction) => {
      // The library begins another session in the place of the caller's.
      await transaction.holdAccounts(personId);
      const done = await verifyCode(auth, code, this.headersOf(request, 'session_token'));
      if (done.kind === 'done') await tell(personId, 'second_factor_added');
      return done;
    });
  }

  removeSecondFactor(personId: PersonId, password: string, request: SignInRequest): Promise<LibraryOutcome<unknown>> {
    return this.act(request, async ({ api }, tell) => {
      const done = await outcomeOf(() =>
        api.disableTwoFactor({
          body: { password },
          headers: this.headersOf(request, 'session_token'),
          returnHeaders: true,
        }),
      );
      if (done.kind === 'done') await tell(personId, 'second_factor_removed');
      return done;
    });
  }

  /** Makes new recovery codes; the old ones become invalid. */
  replaceRecoveryCodes(
    personId: PersonId,
    password: string,
    request: SignInRequest,
  ): Promise<LibraryOutcome<readonly string[]>> {
    return this.act(request, async ({ api }, tell) => {
      const done = await outcomeOf(() =>
        api.generateBackupCodes({
          body: { password },
          headers: this.headersOf(request, 'session_token'),
          returnHeaders: true,
        }),
      );
      if (done.kind === 'refused') return done;
      await tell(personId, 'recovery_codes_replaced');
      return { ...done, value: done.value.backupCodes };
    });
  }

  /** Where to send somebody who wants to sign in with the identity provider. */
  startOpenId(request: SignInRequest): Promise<LibraryOutcome<{ url: string }>> {
    const body = { provider: OPENID_PROVIDER, callbackURL: '/', errorCallbackURL: '/sign-in', disableRedirect: true };
    return this.act(request, async ({ api }) => {
      const done = await outcomeOf<{ url?: string | undefined }>(() =>
        api.signInSocial({ body, headers: this.headersOf(request, 'all'), returnHeaders: true }),
      );
      if (done.kind === 'refused' || done.value.url === undefined) return REFUSED;
      return { ...done, value: { url: done.value.url } };
    });
  }

  /**
   * Handles the request with which the identity provider sent somebody back. The answer redirects, and sets a session when the sign-in
   * succeeded.
   */
  finishOpenId(url: string, request: SignInRequest): Promise<{ location: string; cookies: readonly string[] }> {
    return this.act(request, async ({ handler, $context }, tell) => {
      const { headers } = await handler(new Request(url, { headers: this.headersOf(request, 'all') }));
      const cookies = headers.getSetCookie();
      for (const cookie of cookies) {
        const session = readSessionCookie(cookie, this.publicUrl);
        if (session.kind !== 'person') continue;
        const begun = await (await $context).internalAdapter.findSession(session.token);
        if (begun !== null) await tell(begun.user.id as PersonId, 'signed_in');
      }
      return { location: headers.get('location') ?? '/sign-in', cookies };
    });
  }

  /** Runs one call of the library. A refusal is committed, because the library may have counted the failure; a fault is rolled back. */
  private async act<Outcome>(
    { address }: SignInRequest,
    work: (auth: Auth, tell: Tell, transaction: ActTransaction) => Promise<Outcome>,
  ): Promise<Outcome> {
    const open = await this.open();
    const transaction = new ActTransaction(this.pool);
    const tell: Tell = async (person, act) => this.tell(await transaction.client(), person, act, address);
    try {
      const outcome = await work(await open(transaction), tell, transaction);
      await transaction.commit();
      return outcome;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  /**
   * The library takes a code for the person that any of its cookies names: the person of the session, else the one in the second step. So
   * it is shown only the cookie that the call is about; a cookie of another account beside it counts for nothing.
   */
  private headersOf({ cookie, userAgent, address }: SignInRequest, shown: LibraryCookie | 'all'): Headers {
    const cookies = shown === 'all' ? cookie : cookieAlone(cookie, cookieNames(this.publicUrl)[shown].name);
    return new Headers({
      ...(cookies === undefined ? {} : { cookie: cookies }),
      ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      'x-signpost-address': address,
    });
  }

  /** Loads the library once; when that fails, the next call tries again. */
  private open(): Promise<OpenAuth> {
    this.library ??= this.load().catch((error: unknown) => {
      this.library = null;
      throw error;
    });
    return this.library;
  }

  private async load(): Promise<OpenAuth> {
    const [{ createAuth }, settings] = await Promise.all([import('./create-auth'), this.settings()]);
    return (transaction) => createAuth(transaction, { publicUrl: this.publicUrl, ...settings });
  }
}

/** The library for one call. */
type OpenAuth = (transaction: ActTransaction) => Promise<Auth>;

function verifyCode(
  { api }: Auth,
  code: string,
  headers: Headers,
): Promise<LibraryOutcome<{ token: string | undefined }>> {
  const call = { body: { code }, headers, returnHeaders: true } as const;
  return outcomeOf<{ token: string | undefined }>(() =>
    TOTP_CODE.test(code) ? api.verifyTOTP(call) : api.verifyBackupCode(call),
  );
}
