import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags, ApiUnauthorizedResponse } from '@nestjs/swagger';
import type { Config } from '@signpost/config';
import { type Actor, PeopleRepository, PortalRepository } from '@signpost/database';
import { clearedCookie, OPENID_PATH, type SignInRequest } from '@signpost/people';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentCaller } from '../access/access-context';
import { Access, Public } from '../access/access.decorator';
import type { PersonCaller, PortalCaller } from '../access/caller';
import { CurrentActor } from '../access/current-actor';
import { CONFIG } from '../platform/config.token';
import { PublicAddress } from '../platform/public-address';
import { CodeBody, ConfirmBody, SignInBody } from './people.dto';
import { SignInOptionsView, SignInView } from './person.view';
import { Proofs } from './proofs';
import { answerCookies, FromBrowser, signInRequest } from './sign-in-request';

/** Signing in and out. Wrong passwords and unknown addresses are answered alike. */
@ApiTags('sign-in')
@Controller('api/v1')
export class SessionController {
  constructor(
    private readonly proofs: Proofs,
    private readonly people: PeopleRepository,
    private readonly portals: PortalRepository,
    private readonly address: PublicAddress,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('sign-in-options')
  @Public({ onceSetUp: true })
  @ApiOperation({ summary: 'List the ways to sign in' })
  @ApiOkResponse({ type: SignInOptionsView })
  options(): SignInOptionsView {
    const { openId } = this.config;
    return { password: true, oidc: openId === null ? null : { name: openId.name, url: `${OPENID_PATH}/sign-in` } };
  }

  @Post('session')
  @HttpCode(200)
  @Public({ onceSetUp: true })
  @ApiOperation({ summary: 'Sign in' })
  @ApiOkResponse({ type: SignInView })
  @ApiUnauthorizedResponse({ description: '`sign_in_failed`: the address or the password is wrong.' })
  async signIn(
    @Body() { email, password }: SignInBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInView> {
    const { cookies, secondFactor } = await this.proofs.signIn(email, password, signInRequest(request));
    answerCookies(reply, cookies);
    return { secondFactor };
  }

  /** The second step of a sign-in. A recovery code is good once. */
  @Post('session/second-factor')
  @HttpCode(200)
  @Public({ onceSetUp: true })
  @ApiOperation({ summary: 'Show the second factor' })
  @ApiOkResponse({ type: SignInView })
  @ApiUnauthorizedResponse({ description: '`sign_in_failed`: the code is wrong, or there is no sign-in to complete.' })
  async showCode(
    @Body() { code }: CodeBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInView> {
    answerCookies(reply, await this.proofs.completeSignIn(code, signInRequest(request)));
    return { secondFactor: false };
  }

  /** Makes the sign-in recent again, for sensitive acts. */
  @Post('session/confirm')
  @HttpCode(204)
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Confirm that it is you' })
  @ApiNoContentResponse()
  async confirm(
    @Body() { password, code }: ConfirmBody,
    @CurrentCaller() caller: PersonCaller,
    @FromBrowser() request: SignInRequest,
  ): Promise<void> {
    await this.proofs.confirm({ password, code }, caller, request);
  }

  @Delete('session')
  @HttpCode(204)
  @Access({ people: 'session' })
  @ApiOperation({ summary: 'Sign out' })
  @ApiNoContentResponse()
  async signOut(
    @CurrentCaller() caller: PersonCaller | PortalCaller,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (caller.kind === 'portal') await this.portals.close(caller.portalId, caller.storeId, actor);
    else await this.people.endSession(actor, caller.sessionHash);
    answerCookies(reply, [clearedCookie(this.address.base)]);
  }

  /** Ends every session of the person, on every device, from the next request on. */
  @Delete('sessions')
  @HttpCode(204)
  @Access({ people: 'person' })
  @ApiOperation({ summary: 'Sign out everywhere' })
  @ApiNoContentResponse()
  async signOutEverywhere(
    @CurrentCaller() { personId }: PersonCaller,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.people.endSessions(actor, personId);
    answerCookies(reply, [clearedCookie(this.address.base)]);
  }
}
