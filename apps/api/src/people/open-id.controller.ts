import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiFoundResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Config } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import { OPENID_PATH, OPENID_PROVIDER, SignIn } from '@signpost/people';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorator';
import { CONFIG } from '../platform/config.token';
import { PublicAddress } from '../platform/public-address';
import { answerCookies, signInRequest } from './sign-in-request';

/** Signing in with an identity provider (OpenID Connect), for people who have an account here by the same e-mail address. */
@ApiTags('sign-in')
@Controller(OPENID_PATH.slice(1))
export class OpenIdController {
  constructor(
    private readonly signIn: SignIn,
    private readonly address: PublicAddress,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('sign-in')
  @Public({ onceSetUp: true })
  @ApiOperation({ summary: 'Go to the identity provider' })
  @ApiFoundResponse({ description: 'The provider’s sign-in page.' })
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.requireProvider();
    const outcome = await this.signIn.startOpenId(signInRequest(request));
    if (outcome.kind === 'refused') {
      throw new SignpostError('unavailable', 'The identity provider cannot be reached.', { retryAfterSeconds: 10 });
    }
    answerCookies(reply, outcome.cookies);
    await reply.redirect(outcome.value.url, 302);
  }

  /** Where the provider sends the browser back to. */
  @Get(`callback/${OPENID_PROVIDER}`)
  @Public({ onceSetUp: true })
  @ApiOperation({ summary: 'Come back from the identity provider' })
  @ApiFoundResponse({ description: 'The dashboard, signed in; or the sign-in page, with `error`.' })
  async complete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.requireProvider();
    const { location, cookies } = await this.signIn.finishOpenId(
      this.address.base + request.url,
      signInRequest(request),
    );
    answerCookies(reply, cookies);
    await reply.redirect(location, 302);
  }

  private requireProvider(): void {
    if (this.config.openId === null) throw new SignpostError('not_found', 'There is nothing at this address.');
  }
}
