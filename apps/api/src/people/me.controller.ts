import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Actor, PeopleRepository } from '@signpost/database';
import { SignIn, type SignInRequest } from '@signpost/people';
import type { FastifyReply } from 'fastify';
import { CurrentCaller } from '../access/access-context';
import { Access } from '../access/access.decorator';
import type { PersonCaller, PortalCaller } from '../access/caller';
import { CurrentActor } from '../access/current-actor';
import { notFound } from '../problems/not-found';
import { ChangePasswordBody, CodeBody, PasswordBody, UpdateMeBody } from './people.dto';
import { MeView, NewSecondFactorView, personView, portalView, RecoveryCodesView } from './person.view';
import { Proofs } from './proofs';
import { answerCookies, FromBrowser } from './sign-in-request';

/** What people see and change of themselves. */
@ApiTags('me')
@Controller('api/v1/me')
export class MeController {
  constructor(
    private readonly people: PeopleRepository,
    private readonly signIn: SignIn,
    private readonly proofs: Proofs,
  ) {}

  @Get()
  @Access({ people: 'session' })
  @ApiOperation({ summary: 'Show who is signed in' })
  @ApiOkResponse({ type: MeView })
  async view(@CurrentCaller() caller: PersonCaller | PortalCaller): Promise<MeView> {
    if (caller.kind === 'portal') return portalView(caller);
    const profile = await this.people.findProfile(caller.personId);
    if (profile === null) throw notFound('person');
    return personView(caller, profile, await this.people.storesOf(profile));
  }

  @Patch()
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Change your name' })
  @ApiOkResponse({ type: MeView })
  async update(
    @Body() { name }: UpdateMeBody,
    @CurrentCaller() caller: PersonCaller,
    @CurrentActor() actor: Actor,
  ): Promise<MeView> {
    if (name !== undefined) await this.people.rename(actor, caller.personId, name);
    return this.view(caller);
  }

  /** Also ends all other sessions of the person. */
  @Post('password')
  @HttpCode(204)
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Change your password' })
  @ApiNoContentResponse()
  async changePassword(
    @Body() { current, next }: ChangePasswordBody,
    @CurrentCaller() caller: PersonCaller,
    @FromBrowser() request: SignInRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { cookies } = await this.proofs.prove(caller, request, () =>
      this.signIn.changePassword(caller.personId, { current, next }, request),
    );
    answerCookies(reply, cookies);
  }

  /** The second factor counts only once it is activated by a code that it makes. */
  @Post('second-factor')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Prepare a second factor' })
  @ApiOkResponse({ type: NewSecondFactorView })
  async prepareSecondFactor(
    @Body() { password }: PasswordBody,
    @CurrentCaller() caller: PersonCaller,
    @FromBrowser() request: SignInRequest,
  ): Promise<NewSecondFactorView> {
    const { value } = await this.proofs.prove(caller, request, () =>
      this.signIn.prepareSecondFactor(password, request),
    );
    return { ...value, recoveryCodes: [...value.recoveryCodes] };
  }

  @Post('second-factor/activate')
  @HttpCode(204)
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Activate the second factor' })
  @ApiNoContentResponse()
  async activateSecondFactor(
    @Body() { code }: CodeBody,
    @CurrentCaller() caller: PersonCaller,
    @FromBrowser() request: SignInRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { cookies } = await this.proofs.activateSecondFactor(code, caller, request);
    answerCookies(reply, cookies);
  }

  @Delete('second-factor')
  @HttpCode(204)
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Remove the second factor' })
  @ApiNoContentResponse()
  async removeSecondFactor(
    @Body() { password }: PasswordBody,
    @CurrentCaller() caller: PersonCaller,
    @FromBrowser() request: SignInRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { cookies } = await this.proofs.prove(caller, request, () =>
      this.signIn.removeSecondFactor(caller.personId, password, request),
    );
    answerCookies(reply, cookies);
  }

  /** The recovery codes before these are no longer valid. */
  @Post('second-factor/recovery-codes')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Make new recovery codes' })
  @ApiOkResponse({ type: RecoveryCodesView })
  async replaceRecoveryCodes(
    @Body() { password }: PasswordBody,
    @CurrentCaller() caller: PersonCaller,
    @FromBrowser() request: SignInRequest,
  ): Promise<RecoveryCodesView> {
    const { value } = await this.proofs.prove(caller, request, () =>
      this.signIn.replaceRecoveryCodes(caller.personId, password, request),
    );
    return { recoveryCodes: [...value] };
  }
}
