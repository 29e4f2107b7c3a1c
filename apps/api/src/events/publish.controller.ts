import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { accessContext } from '../access/access-context';
import { Access, type AccessOptions } from '../access/access.decorator';
import { RawJsonBody } from '../requests/json-body';
import { BatchBody, PublishBody } from './publish.dto';
import { PublishedBatchView, PublishedView } from './published.view';
import { PUBLISH_BATCH, PUBLISH_ONE, type PublishRequest, PublishRequests, REPLAYED } from './publish-requests';

export const PUBLISH_PATH = 'api/v1/stores/:store/events';
export const PUBLISH_ACCESS: AccessOptions = { operator: true, apiKey: 'any', people: 'admin' };

const IDEMPOTENCY_HEADER = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Makes it safe to send the request again: the same key and body get the first answer, with `Idempotent-Replayed: true`; ' +
    'another body gets 409. Remembered for at least 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
} as const;

const REPLAYED_HEADER = {
  [REPLAYED]: {
    description: '`true`: this is the answer of the first time.',
    schema: { type: 'string', enum: ['true'] },
  },
};

/** Where producers publish. A producer that was let in a moment ago is served by the `PublishShortcut`, which stands before this. */
@ApiTags('events')
@Controller(PUBLISH_PATH)
export class PublishController {
  constructor(private readonly requests: PublishRequests) {}

  @Post()
  @HttpCode(202)
  @RawJsonBody()
  @Access(PUBLISH_ACCESS)
  @ApiOperation({ summary: 'Publish an event', description: 'Needs the write permission of the type’s resource.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiBody({ type: PublishBody })
  @ApiResponse({
    status: 202,
    type: PublishedView,
    headers: REPLAYED_HEADER,
    description: 'The event is on disk and will be delivered.',
  })
  @ApiConflictResponse({ description: '`idempotency_conflict`: the Idempotency-Key was used with another body.' })
  publishOne(
    @Req() request: PublishRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublishedView | undefined> {
    return this.requests.publish(request, reply, accessContext(request), PUBLISH_ONE);
  }

  @Post('batch')
  @HttpCode(202)
  @RawJsonBody()
  @Access(PUBLISH_ACCESS)
  @ApiOperation({ summary: 'Publish up to 100 events', description: 'All of them are accepted, or none.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiBody({ type: BatchBody })
  @ApiResponse({
    status: 202,
    type: PublishedBatchView,
    headers: REPLAYED_HEADER,
    description: 'All events are on disk and will be delivered.',
  })
  @ApiConflictResponse({ description: '`idempotency_conflict`: the Idempotency-Key was used with another body.' })
  publishBatch(
    @Req() request: PublishRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublishedBatchView> {
    return this.requests.publish(request, reply, accessContext(request), PUBLISH_BATCH);
  }
}
