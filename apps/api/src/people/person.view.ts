import { ApiProperty } from '@nestjs/swagger';
import type { Invitation, InvitationSight, Member, PersonProfile, PersonStore } from '@signpost/database';
import { encodeId, type Role, ROLES } from '@signpost/domain';
import type { PersonCaller, PortalCaller } from '../access/caller';
import { PageOf } from '../requests/page';

export class SetupView {
  @ApiProperty({ description: 'Whether nobody can sign in yet.' })
  due: boolean;
}

export class SignInView {
  @ApiProperty({ description: 'Whether the second factor is asked for now; else the session has begun.' })
  secondFactor: boolean;
}

class OpenIdOption {
  @ApiProperty()
  name: string;

  @ApiProperty({ description: 'Where to send the browser.' })
  url: string;
}

export class SignInOptionsView {
  @ApiProperty()
  password: boolean;

  @ApiProperty({ type: OpenIdOption, nullable: true })
  oidc: OpenIdOption | null;
}

class MyStoreView {
  @ApiProperty()
  key: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ enum: ROLES })
  role: Role;
}

export class MeView {
  @ApiProperty({ example: 'psn_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null for who came by a portal link.' })
  email: string | null;

  @ApiProperty({ description: 'May do everything, in every store.' })
  operator: boolean;

  @ApiProperty()
  secondFactorEnabled: boolean;

  @ApiProperty({ description: 'Else they sign in with an identity provider alone, or came by a portal link.' })
  hasPassword: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when sensitive acts ask for no confirmation.',
  })
  recentUntil: string | null;

  @ApiProperty({ description: 'Came by a portal link.' })
  portal: boolean;

  @ApiProperty({ type: [MyStoreView], description: 'An operator sees the 250 newest.' })
  stores: MyStoreView[];
}

export class NewSecondFactorView {
  @ApiProperty({ description: 'For a QR code.', example: 'otpauth://totp/Signpost:ann%40example.com?…' })
  uri: string;

  @ApiProperty()
  secret: string;

  @ApiProperty({ type: [String], description: 'Each is good once. They are not shown again.' })
  recoveryCodes: string[];
}

export class RecoveryCodesView {
  @ApiProperty({ type: [String], description: 'Each is good once. They are not shown again.' })
  recoveryCodes: string[];
}

export class MemberView {
  @ApiProperty({ example: 'psn_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  email: string;

  @ApiProperty({ enum: ROLES })
  role: Role;

  @ApiProperty({ format: 'date-time' })
  since: string;
}

export class MemberPage extends PageOf(MemberView) {}

export class InvitationView {
  @ApiProperty({ example: 'inv_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty()
  email: string;

  @ApiProperty({ enum: ROLES })
  role: Role;

  @ApiProperty({ format: 'date-time' })
  expiresAt: string;
}

export class InvitationPage extends PageOf(InvitationView) {}

export class CreatedInvitationView extends InvitationView {
  @ApiProperty({ description: 'For the invited alone; it is not shown again.' })
  link: string;
}

export class InvitationSightView implements InvitationSight {
  @ApiProperty()
  email: string;

  @ApiProperty()
  storeName: string;

  @ApiProperty({ enum: ROLES })
  role: Role;

  @ApiProperty({ description: 'Somebody with this address can sign in already, and does so before they accept.' })
  knownPerson: boolean;
}

export class PortalLinkView {
  @ApiProperty({ description: 'Good once, until `expiresAt`.' })
  url: string;

  @ApiProperty({ format: 'date-time' })
  expiresAt: string;
}

export class PortalSessionView {
  @ApiProperty()
  storeKey: string;
}

export function personView({ recentUntil }: PersonCaller, profile: PersonProfile, stores: PersonStore[]): MeView {
  const { id, name, email, operator, secondFactorEnabled, hasPassword } = profile;
  return {
    ...{ id: encodeId('person', id), name, email, operator, secondFactorEnabled, hasPassword },
    recentUntil: recentUntil?.toISOString() ?? null,
    portal: false,
    stores,
  };
}

export function portalView({ portalId, storeKey, storeName, role, recentUntil }: PortalCaller): MeView {
  return {
    ...{ id: encodeId('portal', portalId), name: storeName, email: null, operator: false },
    ...{ secondFactorEnabled: false, hasPassword: false },
    recentUntil: recentUntil?.toISOString() ?? null,
    portal: true,
    stores: [{ key: storeKey, name: storeName, role }],
  };
}

export function memberView({ id, name, email, role, since }: Member): MemberView {
  return { id: encodeId('person', id), name, email, role, since: since.toISOString() };
}

export function invitationView({ id, email, role, expiresAt }: Invitation): InvitationView {
  return { id: encodeId('invitation', id), email, role, expiresAt: expiresAt.toISOString() };
}
