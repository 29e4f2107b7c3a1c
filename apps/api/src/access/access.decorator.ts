import { applyDecorators, SetMetadata } from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiBearerAuth,
  ApiCookieAuth,
  ApiForbiddenResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { Role } from '@signpost/domain';

/** The name of the metadata that {@link Access} and {@link Public} leave on a route's handler. */
export const ACCESS_RULE = 'signpost:access';

/** The security schemes of the OpenAPI document. */
export const OPERATOR_SCHEME = 'operatorToken';
export const API_KEY_SCHEME = 'apiKey';
export const SESSION_SCHEME = 'session';

/** Who may call a route. What is not named here is refused. */
export interface AccessOptions {
  readonly operator?: true;
  /** `any`: each active key of the route's store; which permission it needs is up to the handler. */
  readonly apiKey?: 'any' | 'none';
  /**
   * The least that somebody with a session has to be. A role means: this role in the route's store, whether by membership or by the portal
   * link that the session came by; with `portal: 'none'`, by membership only. `operator`: an operator; `person`: anybody who signed in;
   * `session`: anybody with a session, also by a portal link.
   */
  readonly people?: Role | 'operator' | 'person' | 'session';
  readonly portal?: 'none';
  /** Asks people to have signed in a short while ago, or to have confirmed since then that it is them. */
  readonly recentSignIn?: true;
}

/**
 * `public_once_set_up`: for people who are not signed in yet. While Signpost has no person, such a route answers that the set-up is due.
 */
export type AccessRule = 'public' | 'public_once_set_up' | AccessOptions;

/** Says who may call the route. Each route has this or {@link Public}; the process does not start otherwise. */
export function Access(options: AccessOptions): MethodDecorator {
  const schemes = [
    ...(options.operator === true ? [ApiBearerAuth(OPERATOR_SCHEME)] : []),
    ...(options.apiKey === 'any' ? [ApiBasicAuth(API_KEY_SCHEME)] : []),
    ...(options.people === undefined ? [] : [ApiCookieAuth(SESSION_SCHEME)]),
  ];
  return applyDecorators(
    SetMetadata(ACCESS_RULE, options satisfies AccessRule),
    ApiUnauthorizedResponse({ description: 'The credentials are missing or not valid.' }),
    ApiForbiddenResponse({
      description:
        options.recentSignIn === true
          ? 'The caller is not allowed to do this, or, `recent_sign_in_required`, has to confirm first that it is them.'
          : 'The caller is not allowed to do this.',
    }),
    ...schemes,
  );
}

/** Opens the route to everybody: for probes, metrics and documentation, and for the calls by which people sign in. */
export function Public(options: { onceSetUp?: true } = {}): MethodDecorator {
  const rule: AccessRule = options.onceSetUp === true ? 'public_once_set_up' : 'public';
  return SetMetadata(ACCESS_RULE, rule);
}
