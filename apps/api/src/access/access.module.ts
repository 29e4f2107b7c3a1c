import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import type { Config } from '@signpost/config';
import { ApiKeyLookup } from '@signpost/database';
import { CONFIG } from '../platform/config.token';
import { AccessCheck } from './access-check';
import { AccessGuard } from './access.guard';
import { KeyAuthenticator } from './key-authenticator';
import { KeyRateLimiter } from './key-rate-limiter';
import { OperatorToken } from './operator-token';

const monotonicMs = () => performance.now();

/** Who may call what. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    AccessCheck,
    { provide: APP_GUARD, useClass: AccessGuard },
    {
      provide: OperatorToken,
      inject: [CONFIG],
      useFactory: ({ security }: Config) => new OperatorToken(security.operatorToken),
    },
    {
      provide: KeyRateLimiter,
      inject: [CONFIG],
      useFactory: ({ http }: Config) => new KeyRateLimiter(http.rateLimitPerKey, monotonicMs),
    },
    {
      provide: KeyAuthenticator,
      inject: [ApiKeyLookup, CONFIG],
      useFactory: (lookup: ApiKeyLookup, { security }: Config) =>
        new KeyAuthenticator(lookup, security.keyRing, monotonicMs),
    },
  ],
  exports: [KeyAuthenticator],
})
export class AccessModule {}
