import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBasicAuth, ApiBearerAuth, ApiForbiddenResponse, ApiUnauthorizedResponse } from '@nestjs/swagger';

/** The name of the metadata that {@link Access} and {@link Public} leave on a route's handler. */
export const ACCESS_RULE = 'signpost:access';

/** The security schemes of the OpenAPI document. */
export const OPERATOR_SCHEME = 'operatorToken';
export const API_KEY_SCHEME = 'apiKey';

/** Who may call a route. What is not named here is refused. */
export interface AccessOptions {
  readonly operator?: true;
  /** `any`: each active key of the route's store; which permission it needs is up to the handler. */
  readonly apiKey?: 'any' | 'none';
  /**
   * Accept a caller that was authenticated before, without I/O. Only for handlers whose own transaction checks the key's
   * version again, because until then a revoked key still passes.
   */
  readonly cachedCaller?: true;
}

export type AccessRule = 'public' | AccessOptions;

/** Says who may call the route. Each route has this or {@link Public}; the process does not start otherwise. */
export function Access(options: AccessOptions): MethodDecorator {
  const schemes = [
    ...(options.operator === true ? [ApiBearerAuth(OPERATOR_SCHEME)] : []),
    ...(options.apiKey === 'any' ? [ApiBasicAuth(API_KEY_SCHEME)] : []),
  ];
  return applyDecorators(
    SetMetadata(ACCESS_RULE, options satisfies AccessRule),
    ApiUnauthorizedResponse({ description: 'The credentials are missing or not valid.' }),
    ApiForbiddenResponse({ description: 'The caller is not allowed to do this.' }),
    ...schemes,
  );
}

/** Opens the route to everybody: for probes, metrics and documentation alone. */
export function Public(): MethodDecorator {
  return SetMetadata(ACCESS_RULE, 'public' satisfies AccessRule);
}
