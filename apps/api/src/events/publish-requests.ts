import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '@signpost/database';
import type { NewEvent } from '@signpost/delivery';
import { type FieldError, mintId } from '@signpost/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessContext, RequestStore } from '../access/access-context';
import { idByHand } from '../access/caller';
import { notFound } from '../problems/not-found';
import { LongBodies } from '../requests/long-bodies';
import { alsoBroken, bodyOrProblem, type ReadBody } from '../requests/read-body';
import { EventPublishing } from './event-publishing';
import { parseBatchRequest, parsePublishRequest, type PublishContext } from './parse-publish-request';
import { type PublishedBatchView, type PublishedView, publishedView } from './published.view';

/** Its body is the JSON text as it came. */
export type PublishRequest = FastifyRequest<{ Body: string | undefined; Params: { store?: string } }>;

/** What a call takes and answers. */
interface PublishCall<View> {
  readonly read: (text: string, context: PublishContext) => ReadBody<NewEvent[]>;
  readonly answer: (events: PublishedView[]) => View;
}

export const PUBLISH_ONE: PublishCall<PublishedView | undefined> = {
  read: parsePublishRequest,
  answer: ([event]) => event,
};
export const PUBLISH_BATCH: PublishCall<PublishedBatchView> = {
  read: parseBatchRequest,
  answer: (events) => ({ data: events }),
};

/** The header of an answer that was given before. */
export const REPLAYED = 'Idempotent-Replayed';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Reads what a request publishes, and publishes it. */
@Injectable()
export class PublishRequests {
  constructor(
    private readonly publishing: EventPublishing,
    private readonly bodies: LongBodies,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * @param context - who publishes; a caller from memory will do, because the commit checks key and store again
   * @returns the body of the answer, whose headers are set
   * @throws SignpostError `malformed_json`, `validation_failed`, and as {@link EventPublishing.publish} does
   */
  async publish<View>(
    request: PublishRequest,
    reply: FastifyReply,
    context: AccessContext,
    call: PublishCall<View>,
  ): Promise<View> {
    const { caller, store, refreshCaller } = context;
    const { idempotencyKey, broken } = readIdempotencyKey(request.headers['idempotency-key']);
    const body = request.body ?? '';
    const nowMs = this.clock.nowMs();
    const reading = { now: new Date(nowMs).toISOString(), mintEventId: () => mintId('event', nowMs) };
    const events = await this.bodies.inTurn(body.length, () =>
      bodyOrProblem(alsoBroken(broken, call.read(body, reading))),
    );
    const isByHand = caller.kind === 'person' || caller.kind === 'portal';
    const person = isByHand ? { id: idByHand(caller), address: request.ip } : null;
    const order = { store: requireStore(store), caller, person, refreshCaller, events, idempotencyKey, body };
    const publication = await this.publishing.publish(order);
    if (publication.replayed) reply.header(REPLAYED, 'true');
    return call.answer(publication.events.map(publishedView));
  }
}

interface ReadIdempotencyKey {
  readonly idempotencyKey: string | null;
  readonly broken: readonly FieldError[];
}

const NO_KEY: ReadIdempotencyKey = { idempotencyKey: null, broken: [] };
const BROKEN_KEY: FieldError = {
  field: 'Idempotency-Key',
  rule: 'idempotency_key',
  message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
};

function readIdempotencyKey(header: string | string[] | undefined): ReadIdempotencyKey {
  if (header === undefined) return NO_KEY;
  if (typeof header === 'string' && IDEMPOTENCY_KEY.test(header)) return { idempotencyKey: header, broken: [] };
  return { idempotencyKey: null, broken: [BROKEN_KEY] };
}

function requireStore(store: RequestStore | null): RequestStore {
  if (store === null) throw notFound('store');
  return store;
}
