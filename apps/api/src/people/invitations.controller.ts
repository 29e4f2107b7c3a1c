import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query, Req } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type Actor, InvitationRepository } from '@signpost/database';
import { type InvitationId, SignpostError } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { PublicAddress } from '../platform/public-address';
import { notFound } from '../problems/not-found';
import { IdParam } from '../requests/id-param';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import { InviteBody } from './people.dto';
import { CreatedInvitationView, InvitationPage, invitationView } from './person.view';

@ApiTags('members')
@Controller('api/v1/stores/:store/invitations')
export class InvitationsController {
  constructor(
    private readonly invitations: InvitationRepository,
    private readonly address: PublicAddress,
  ) {}

  /** Lists the invitations that can still be accepted. */
  @Get()
  @Access({ operator: true, people: 'viewer', portal: 'none' })
  @ApiOperation({ summary: 'List invitations' })
  @ApiOkResponse({ type: InvitationPage })
  async list(@CurrentStore() store: RequestStore, @Query() query: PageQuery): Promise<InvitationPage> {
    const list = { of: 'invitations', storeId: store.id };
    return pageOf(await this.invitations.list(store.id, idPageOf(query, list)), query, list, invitationView);
  }

  /** The link is shown here, once; Signpost sends no mail. Another invitation of the same address ends. */
  @Post()
  @Header('cache-control', 'no-store')
  @Access({ operator: true, people: 'owner' })
  @ApiOperation({ summary: 'Invite somebody' })
  @ApiCreatedResponse({ type: CreatedInvitationView })
  @ApiConflictResponse({ description: '`already_exists`: they are a member.' })
  async create(
    @CurrentStore() store: RequestStore,
    @Body() { email, role }: InviteBody,
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<CreatedInvitationView> {
    const outcome = await this.invitations.create(store.id, { email, role }, actor);
    if (outcome.kind === 'already_member') throw new SignpostError('already_exists', 'They are a member already.');
    const link = this.address.link(request, 'invitation', outcome.token);
    return { ...invitationView(outcome.invitation), link };
  }

  @Delete(':id')
  @HttpCode(204)
  @Access({ operator: true, people: 'owner' })
  @ApiOperation({ summary: 'Withdraw an invitation' })
  @ApiNoContentResponse()
  async withdraw(
    @CurrentStore() store: RequestStore,
    @IdParam('invitation') id: InvitationId,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    const outcome = await this.invitations.withdraw(store.id, id, actor);
    if (outcome.kind === 'not_found') throw notFound('invitation');
  }
}
