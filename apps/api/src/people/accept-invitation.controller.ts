import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiGoneResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorator';
import { PersonAuthenticator } from '../access/person-authenticator';
import { Entrance, LINK_GONE } from './entrance';
import { AcceptInvitationBody, TokenBody } from './people.dto';
import { InvitationSightView } from './person.view';
import { answerCookies, signInRequest } from './sign-in-request';

/** For people who hold the link of an invitation. */
@ApiTags('sign-in')
@Controller('api/v1/invitations')
export class AcceptInvitationController {
  constructor(
    private readonly entrance: Entrance,
    private readonly people: PersonAuthenticator,
  ) {}

  @Post('look')
  @HttpCode(200)
  @Public({ onceSetUp: true })
  @ApiOperation({ summary: 'Look at an invitation' })
  @ApiOkResponse({ type: InvitationSightView })
  @ApiGoneResponse({ description: LINK_GONE })
  look(@Body() { token }: TokenBody, @Req() request: FastifyRequest): Promise<InvitationSightView> {
    return this.entrance.look(token, request.ip);
  }

  /** A newcomer gives name and password, and is signed in. Somebody who has an account must be signed in already. */
  @Post('accept')
  @HttpCode(204)
  @Public({ onceSetUp: true })
  @ApiOperation({ summary: 'Accept an invitation' })
  @ApiNoContentResponse({ description: 'Signed in.' })
  @ApiGoneResponse({ description: LINK_GONE })
  async accept(
    @Body() { token, ...newcomer }: AcceptInvitationBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const holder = await this.people.authenticate(request, undefined);
    const caller = holder?.caller.kind === 'person' ? holder.caller : null;
    const cookies = await this.entrance.accept(token, newcomer, caller, signInRequest(request));
    if (cookies.length > 0) answerCookies(reply, cookies);
  }
}
