import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Actor } from '@signpost/database';
import type { WebhookId } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { IdParam } from '../requests/id-param';
import { RawJsonBody } from '../requests/json-body';
import { bodyOrProblem } from '../requests/read-body';
import { parseTestRequest } from './parse-test-request';
import { TestSend } from './test-send';
import { TestSendView, testSendView } from './test-send.view';
import { TestSendBody } from './test-sends.dto';

/** Send Dummy: shows what an endpoint answers to a signed event, also while its webhook is disabled. */
@ApiTags('webhooks')
@Controller('api/v1/stores/:store/webhooks/:id/test')
export class TestSendsController {
  constructor(private readonly testSend: TestSend) {}

  @Post()
  @HttpCode(200)
  @RawJsonBody()
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({
    summary: 'Send a test event',
    description: 'A worker sends it, signed, as it sends every event. It is logged as a test and never retried.',
  })
  @ApiBody({ type: TestSendBody, required: false })
  @ApiResponse({
    status: 200,
    type: TestSendView,
    description: 'The test was sent; whether it was received is in the answer.',
  })
  @ApiConflictResponse({ description: 'The webhook has no active API key to sign with.' })
  async send(
    @CurrentStore() store: RequestStore,
    @IdParam('webhook') id: WebhookId,
    @Req() request: FastifyRequest<{ Body: string | undefined }>,
    @CurrentActor() actor: Actor,
  ): Promise<TestSendView> {
    const wanted = bodyOrProblem(parseTestRequest(request.body ?? ''));
    return testSendView(await this.testSend.send(store.id, id, wanted, actor));
  }
}
