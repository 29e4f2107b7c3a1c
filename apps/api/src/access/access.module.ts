import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import type { Config } from '@signpost/config';
import { ApiKeyLookup, ApiKeyPermits, PeopleRepository, PersonLookup, SqlClient } from '@signpost/database';
import { CONFIG } from '../platform/config.token';
import { PublicAddress } from '../platform/public-address';
import { AccessCheck } from './access-check';
import { AccessGuard } from './access.guard';
import { Admission } from './admission';
import { CallerMemory } from './caller-memory';
import { KeyAdmission } from './key-admission';
import { KeyAuthenticator } from './key-authenticator';
import { KeyRateLimiter } from './key-rate-limiter';
import { OperatorToken } from './operator-token';
import { PersonAuthenticator } from './person-authenticator';
import { SetupGate } from './setup-gate';

const monotonicMs = () => performance.now();

/** Who may call what. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    AccessCheck,
    Admission,
    KeyAdmission,
    { provide: APP_GUARD, useClass: AccessGuard },
    {
      provide: OperatorToken,
      inject: [CONFIG],
      useFactory: ({ security }: Config) => new OperatorToken(security.operatorToken),
    },
    {
      provide: KeyRateLimiter,
      inject: [SqlClient, CONFIG],
      useFactory: (sql: SqlClient, { http }: Config) =>
        new KeyRateLimiter(new ApiKeyPermits(sql), http.rateLimitPerKey, monotonicMs),
    },
    {
      provide: KeyAuthenticator,
      inject: [ApiKeyLookup, CONFIG],
      useFactory: (lookup: ApiKeyLookup, { security }: Config) => new KeyAuthenticator(lookup, security.keyRing),
    },
    { provide: CallerMemory, useFactory: () => new CallerMemory(monotonicMs) },
    {
      provide: PersonAuthenticator,
      inject: [SqlClient, PublicAddress],
      useFactory: (sql: SqlClient, address: PublicAddress) => new PersonAuthenticator(new PersonLookup(sql), address),
    },
    {
      provide: SetupGate,
      inject: [PeopleRepository],
      useFactory: (people: PeopleRepository) => new SetupGate(people),
    },
  ],
  exports: [Admission, KeyAdmission, KeyAuthenticator, KeyRateLimiter, PersonAuthenticator, SetupGate],
})
export class AccessModule {}
