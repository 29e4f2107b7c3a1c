import { Body, Controller, Delete, Get, HttpCode, Patch, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Actor, MemberRepository } from '@signpost/database';
import { type PersonId, SignpostError } from '@signpost/domain';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { notFound } from '../problems/not-found';
import { IdParam } from '../requests/id-param';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import { RoleBody } from './people.dto';
import { MemberPage, MemberView, memberView } from './person.view';

const LAST_OWNER = { description: '`last_owner`: nobody else owns the store.' };

/** The people of a store. A change of a role holds from their next request on. */
@ApiTags('members')
@Controller('api/v1/stores/:store/members')
export class MembersController {
  constructor(private readonly members: MemberRepository) {}

  @Get()
  @Access({ operator: true, people: 'viewer', portal: 'none' })
  @ApiOperation({ summary: 'List members' })
  @ApiOkResponse({ type: MemberPage })
  async list(@CurrentStore() store: RequestStore, @Query() query: PageQuery): Promise<MemberPage> {
    const list = { of: 'members', storeId: store.id };
    return pageOf(await this.members.list(store.id, idPageOf(query, list)), query, list, memberView);
  }

  @Patch(':id')
  @Access({ operator: true, people: 'owner' })
  @ApiOperation({ summary: 'Change a role' })
  @ApiOkResponse({ type: MemberView })
  @ApiConflictResponse(LAST_OWNER)
  async update(
    @CurrentStore() store: RequestStore,
    @IdParam('person') id: PersonId,
    @Body() { role }: RoleBody,
    @CurrentActor() actor: Actor,
  ): Promise<MemberView> {
    const outcome = await this.members.changeRole(store.id, id, role, actor);
    if (outcome.kind === 'not_found') throw notFound('person');
    if (outcome.kind === 'last_owner') throw lastOwner();
    return memberView(outcome.member);
  }

  @Delete(':id')
  @HttpCode(204)
  @Access({ operator: true, people: 'owner' })
  @ApiOperation({ summary: 'Remove a member' })
  @ApiNoContentResponse()
  @ApiConflictResponse(LAST_OWNER)
  async remove(
    @CurrentStore() store: RequestStore,
    @IdParam('person') id: PersonId,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    const outcome = await this.members.remove(store.id, id, actor);
    if (outcome.kind === 'not_found') throw notFound('person');
    if (outcome.kind === 'last_owner') throw lastOwner();
  }
}

function lastOwner(): SignpostError {
  return new SignpostError('last_owner', 'A store keeps an owner: make somebody else one first.');
}
