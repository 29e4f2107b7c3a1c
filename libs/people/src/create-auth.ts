import { createKyselyAdapter, kyselyAdapter } from '@better-auth/kysely-adapter';
import { mintId } from '@signpost/domain';
import { betterAuth } from 'better-auth/minimal';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { BetterAuthOptions } from 'better-auth/types';
import type { Pool } from 'pg';
import type { ActTransaction } from './act-transaction';
import { hashSessionTokens } from './hashed-sessions';
import { hashPassword, verifyPassword } from './password-hash';
import { cookieNames } from './session-cookie';
import {
  OPENID_PATH,
  OPENID_PROVIDER,
  type OpenIdProvider,
  PASSWORD_MAX,
  PASSWORD_MIN,
  SESSION_DAYS,
  type SignInSettings,
} from './sign-in-settings';

const DAY_SECONDS = 24 * 60 * 60;
const SECOND_STEP_SECONDS = 10 * 60;
const ISSUER_NAME = 'Signpost';

export type Auth = Awaited<ReturnType<typeof createAuth>>;

/**
 * The sign-in library, set up for what Signpost promises: nobody signs up, sessions are kept hashed, passwords are hashed by current
 * advice, and the library makes no request by itself. Roles, links, throttles and the audit log are left to Signpost itself.
 *
 * @param transaction - of one call. All changes of the library are in it, so the library is told to begin none
 */
export async function createAuth(transaction: ActTransaction, { publicUrl, secret, openId }: SignInSettings) {
  const { kysely } = await createKyselyAdapter({ database: transaction.connections as Pool });
  if (kysely === null) throw new Error('The library does not know this database.');
  const adapter = kyselyAdapter(kysely, { type: 'postgres', transaction: false });
  return betterAuth({
    appName: ISSUER_NAME,
    baseURL: publicUrl,
    basePath: OPENID_PATH,
    secret,
    database: (options: BetterAuthOptions) => hashSessionTokens(adapter(options)),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_MIN,
      // The library counts UTF-16 units, at most two for a character; the API, which checks requests before, counts characters.
      maxPasswordLength: 2 * PASSWORD_MAX,
      password: {
        hash: hashPassword,
        verify: async (shown) => (await verifyPassword(shown)) && transaction.keepsPassword(shown.hash),
      },
    },
    ...tables(),
    plugins: [secondFactor(), genericOAuth({ config: openId === null ? [] : [providerOf(openId)] })],
    advanced: {
      // Otherwise the library would put `__Secure-` before the names; `cookieNames` puts the stricter `__Host-` there.
      useSecureCookies: false,
      cookiePrefix: 'signpost',
      cookies: cookieNames(publicUrl),
      defaultCookieAttributes: { secure: publicUrl.startsWith('https:') },
      // Set by the caller, from the connection; see SignIn.
      ipAddress: { ipAddressHeaders: ['x-signpost-address'] },
      database: { generateId: () => mintId('person', Date.now()) },
    },
    // Signpost's own throttles count for all processes together; see `Throttles` in libs/database.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
}

function secondFactor() {
  return twoFactor({
    issuer: ISSUER_NAME,
    twoFactorCookieMaxAge: SECOND_STEP_SECONDS,
    schema: {
      user: { fields: { twoFactorEnabled: 'two_factor_enabled' } },
      twoFactor: {
        modelName: 'person_second_factors',
        fields: {
          userId: 'user_id',
          backupCodes: 'backup_codes',
          failedVerificationCount: 'failed_verification_count',
          lockedUntil: 'locked_until',
        },
      },
    },
  });
}

function providerOf({ name, issuer, clientId, clientSecret }: OpenIdProvider) {
  return {
    providerId: OPENID_PROVIDER,
    name,
    discoveryUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    scopes: ['openid', 'email', 'profile'],
    pkce: true,
    requireIdTokenVerification: true,
    // People come in by an invitation; the provider only vouches for who they are.
    disableSignUp: true,
  };
}

const TIMES = { createdAt: 'created_at', updatedAt: 'updated_at' } as const;

function tables() {
  return {
    user: { modelName: 'people', fields: { emailVerified: 'email_verified', ...TIMES } },
    session: {
      modelName: 'person_sessions',
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...TIMES,
      },
      expiresIn: SESSION_DAYS * DAY_SECONDS,
      // Use does not prolong a session.
      disableSessionRefresh: true,
    },
    account: {
      modelName: 'person_accounts',
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...TIMES,
      },
      encryptOAuthTokens: true,
      // An account of the provider is linked to the person with the same e-mail address, if the provider says that it verified the address.
      accountLinking: { enabled: true },
    },
    verification: {
      modelName: 'person_verifications',
      fields: { expiresAt: 'expires_at', ...TIMES },
      storeIdentifier: 'hashed',
    },
  } satisfies Partial<BetterAuthOptions>;
}
