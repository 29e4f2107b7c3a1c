import { Module, type Provider } from '@nestjs/common';
import type { Config } from '@signpost/config';
import {
  AuditLog,
  InvitationRepository,
  MemberRepository,
  PeopleRepository,
  PersonLookup,
  PortalRepository,
  readSignInSecret,
  SetupLinks,
  SqlClient,
  Throttles,
} from '@signpost/database';
import { SignIn } from '@signpost/people';
import { CONFIG } from '../platform/config.token';
import { PublicAddress } from '../platform/public-address';
import { AcceptInvitationController } from './accept-invitation.controller';
import { Attempts } from './attempts';
import { Entrance } from './entrance';
import { InvitationsController } from './invitations.controller';
import { MeController } from './me.controller';
import { MembersController } from './members.controller';
import { OpenIdController } from './open-id.controller';
import { PortalController } from './portal.controller';
import { Proofs } from './proofs';
import { SessionController } from './session.controller';
import { SetupController } from './setup.controller';

const nowMs = () => Date.now();

const repositories: Provider[] = [
  {
    provide: MemberRepository,
    inject: [SqlClient, AuditLog],
    useFactory: (sql: SqlClient, audit: AuditLog) => new MemberRepository(sql, audit),
  },
  {
    provide: InvitationRepository,
    inject: [SqlClient, PeopleRepository, MemberRepository, AuditLog],
    useFactory: (sql: SqlClient, people: PeopleRepository, members: MemberRepository, audit: AuditLog) =>
      new InvitationRepository(sql, people, members, audit, nowMs),
  },
  {
    provide: PortalRepository,
    inject: [SqlClient, AuditLog],
    useFactory: (sql: SqlClient, audit: AuditLog) => new PortalRepository(sql, audit, nowMs),
  },
  {
    provide: SetupLinks,
    inject: [SqlClient, PeopleRepository],
    useFactory: (sql: SqlClient, people: PeopleRepository) => new SetupLinks(sql, people),
  },
  { provide: PersonLookup, inject: [SqlClient], useFactory: (sql: SqlClient) => new PersonLookup(sql) },
];

function makeSignIn(sql: SqlClient, config: Config, address: PublicAddress, people: PeopleRepository): SignIn {
  const settings = async () => ({
    secret: await readSignInSecret(sql, config.security.keyRing),
    openId: config.openId,
  });
  return new SignIn(sql.pool, address.base, settings, (connection, person, act, from) =>
    people.tell(sql.on(connection), person, `person.${act}`, from),
  );
}

/** Signing in, and who may do what in which store. */
@Module({
  controllers: [
    SetupController,
    SessionController,
    OpenIdController,
    MeController,
    MembersController,
    InvitationsController,
    AcceptInvitationController,
    PortalController,
  ],
  providers: [
    ...repositories,
    Entrance,
    Proofs,
    { provide: Attempts, inject: [SqlClient], useFactory: (sql: SqlClient) => new Attempts(new Throttles(sql)) },
    {
      provide: SignIn,
      inject: [SqlClient, CONFIG, PublicAddress, PeopleRepository],
      useFactory: makeSignIn,
    },
  ],
})
export class PeopleModule {}
