import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiGoneResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorator';
import { SetupGate } from '../access/setup-gate';
import { Entrance, LINK_GONE } from './entrance';
import { SetupBody } from './people.dto';
import { SetupView } from './person.view';
import { answerCookies, signInRequest } from './sign-in-request';

@ApiTags('sign-in')
@Controller('api/v1/setup')
export class SetupController {
  constructor(
    private readonly gate: SetupGate,
    private readonly entrance: Entrance,
  ) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'Ask whether the set-up is due' })
  @ApiOkResponse({ type: SetupView })
  async look(): Promise<SetupView> {
    return { due: await this.gate.isDue() };
  }

  /** The link that Signpost printed is good once: the first person is an operator. */
  @Post()
  @HttpCode(204)
  @Public()
  @ApiOperation({ summary: 'Set up: become the first person' })
  @ApiNoContentResponse({ description: 'Signed in.' })
  @ApiGoneResponse({ description: LINK_GONE })
  async setUp(
    @Body() { token, name, email, password }: SetupBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    answerCookies(reply, await this.entrance.setUp(token, { name, email, password }, signInRequest(request)));
  }
}
