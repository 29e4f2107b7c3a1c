import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { NewEvent } from '@signpost/delivery';
import { mintId } from '@signpost/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accessContext, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { notFound } from '../problems/not-found';
import { validationFailed } from '../problems/validation-pipe';
import { RawJsonBody } from '../requests/json-body';
import { LongBodies } from '../requests/long-bodies';
import { bodyOrProblem, type ReadBody } from '../requests/read-body';
import { EventPublishing } from './event-publishing';
import { BatchBody, PublishBody } from './publish.dto';
import { PublishedBatchView, PublishedView, publishedView } from './published.view';
import { parseBatchRequest, parsePublishRequest, type PublishContext } from './parse-publish-request';

type PublishRequest = FastifyRequest<{ Body: string | undefined }>;
type Parse = (text: string, context: PublishContext) => ReadBody<NewEvent[]>;

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

const IDEMPOTENCY_HEADER = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Makes it safe to send the request again: the same key and body get the first answer, with `Idempotent-Replayed: true`; ' +
    'another body gets 409. Remembered for at least 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
} as const;

/** Where producers publish. The caller may come from memory, because the commit checks key and store again. */
@ApiTags('events')
@Controller('api/v1/stores/:store/events')
export class PublishController {
  constructor(
    private readonly publishing: EventPublishing,
    private readonly bodies: LongBodies,
  ) {}

  @Post()
  @HttpCode(202)
  @RawJsonBody()
  @Access({ operator: true, apiKey: 'any', cachedCaller: true, people: 'admin' })
  @ApiOperation({ summary: 'Publish an event', description: 'Needs the write permission of the type’s resource.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiBody({ type: PublishBody })
  @ApiResponse({ status: 202, type: PublishedView, description: 'The event is on disk and will be delivered.' })
  @ApiConflictResponse({ description: '`idempotency_conflict`: the Idempotency-Key was used with another body.' })
  async publishOne(
    @Req() request: PublishRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublishedView | undefined> {
    const [event] = await this.publish(request, reply, parsePublishRequest);
    return event;
  }

  @Post('batch')
  @HttpCode(202)
  @RawJsonBody()
  @Access({ operator: true, apiKey: 'any', cachedCaller: true, people: 'admin' })
  @ApiOperation({ summary: 'Publish up to 100 events', description: 'All of them are accepted, or none.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiBody({ type: BatchBody })
  @ApiResponse({ status: 202, type: PublishedBatchView, description: 'All events are on disk and will be delivered.' })
  @ApiConflictResponse({ description: '`idempotency_conflict`: the Idempotency-Key was used with another body.' })
  async publishBatch(
    @Req() request: PublishRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublishedBatchView> {
    return { data: await this.publish(request, reply, parseBatchRequest) };
  }

  private async publish(request: PublishRequest, reply: FastifyReply, parse: Parse): Promise<PublishedView[]> {
    const { caller, store, refreshCaller } = accessContext(request);
    const idempotencyKey = idempotencyKeyOf(request);
    const body = request.body ?? '';
    const nowMs = Date.now();
    const context = { now: new Date(nowMs).toISOString(), mintEventId: () => mintId('event', nowMs) };
    const events = await this.bodies.inTurn(body.length, () => bodyOrProblem(parse(body, context)));
    const order = { store: requireStore(store), caller, refreshCaller, events, idempotencyKey, body };
    const publication = await this.publishing.publish(order);
    if (publication.replayed) reply.header('Idempotent-Replayed', 'true');
    return publication.events.map(publishedView);
  }
}

function requireStore(store: RequestStore | null): RequestStore {
  if (store === null) throw notFound('store');
  return store;
}

function idempotencyKeyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key;
  const message = 'Idempotency-Key must be 1 to 255 visible ASCII characters.';
  throw validationFailed([{ field: 'Idempotency-Key', rule: 'idempotency_key', message }]);
}
