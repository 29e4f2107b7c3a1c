import { Body, Controller, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiGoneResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Actor, PortalRepository } from '@signpost/database';
import { portalCookie } from '@signpost/people';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access, Public } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { PublicAddress } from '../platform/public-address';
import { Attempts } from './attempts';
import { LINK_GONE, linkInvalid } from './entrance';
import { PortalLinkBody, TokenBody } from './people.dto';
import { PortalLinkView, PortalSessionView } from './person.view';
import { answerCookies } from './sign-in-request';

/** Lets a platform send its merchants into the settings of their store, without an account here. */
@ApiTags('portal')
@Controller('api/v1')
export class PortalController {
  constructor(
    private readonly portals: PortalRepository,
    private readonly attempts: Attempts,
    private readonly address: PublicAddress,
  ) {}

  /** For the platform's backend, which sends the merchant's browser to the link. */
  @Post('stores/:store/portal-links')
  @Header('cache-control', 'no-store')
  @Access({ operator: true, people: 'admin', portal: 'none' })
  @ApiOperation({ summary: 'Make a portal link' })
  @ApiBody({ type: PortalLinkBody, required: false })
  @ApiCreatedResponse({ type: PortalLinkView })
  async createLink(
    @CurrentStore() store: RequestStore,
    @Body() { role, expiresInSeconds }: PortalLinkBody,
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<PortalLinkView> {
    const { token, expiresAt } = await this.portals.createLink(store.id, { role, expiresInSeconds }, actor);
    return { url: this.address.link(request, 'portal', token), expiresAt: expiresAt.toISOString() };
  }

  /** Follows a link, which can be used only once. The session lasts an hour, and is limited to this store. */
  @Post('portal-sessions')
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: 'Follow a portal link' })
  @ApiOkResponse({ type: PortalSessionView })
  @ApiGoneResponse({ description: LINK_GONE })
  async open(
    @Body() { token }: TokenBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PortalSessionView> {
    const outcome = await this.attempts.attempt(
      { account: null, address: request.ip },
      () => this.portals.open(token, request.ip),
      ({ kind }) => kind === 'opened',
    );
    if (outcome.kind === 'refused') throw linkInvalid();
    answerCookies(reply, [portalCookie(outcome.token, outcome.expiresAt, this.address.base)]);
    return { storeKey: outcome.storeKey };
  }
}
