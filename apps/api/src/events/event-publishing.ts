import { hash } from 'node:crypto';
import type {
  KeyFence,
  NewEvent,
  PersonAtHand,
  PublishedEvent,
  Publisher,
  SubmissionOutcome,
} from '@signpost/delivery';
import { assertNever, publishPermission, SignpostError } from '@signpost/domain';
import type { RequestStore } from '../access/access-context';
import { type Caller, permits, requirePermission } from '../access/caller';
import { notFound } from '../problems/not-found';

/** What one request publishes, and for whom. */
export interface PublishOrder {
  readonly store: RequestStore;
  /** May have been authenticated a while ago: the commit checks that its key has not changed since. */
  readonly caller: Caller;
  /** Whom the audit log is to name; null: nobody. */
  readonly person: PersonAtHand | null;
  /** Authenticates the request once more. @throws SignpostError when the credentials no longer hold */
  readonly refreshCaller: () => Promise<Caller>;
  readonly events: readonly NewEvent[];
  readonly idempotencyKey: string | null;
  /** The body as it was sent: an idempotency key stands for exactly this one. */
  readonly body: string;
}

export interface Publication {
  /** Whether the request was accepted before; if so, this is the answer that it got then. */
  readonly replayed: boolean;
  readonly events: readonly PublishedEvent[];
}

const TRIES_MAX = 10;

/** Publishes events for a caller who may publish them. */
export class EventPublishing {
  constructor(private readonly publisher: Publisher) {}

  /**
   * When the key has changed, or its store was deleted, since the caller was authenticated, the caller is authenticated anew and publishing
   * is tried again. Only authenticating tells that the caller may not publish: a key may change again meanwhile, and still hold.
   *
   * @throws SignpostError `forbidden` that names the permission, `unauthenticated`, `idempotency_conflict`, `not_found`, `unavailable`
   */
  async publish(order: PublishOrder): Promise<Publication> {
    // The caller may be remembered from before it was given the permission: nobody is refused without being authenticated anew.
    const isPermitted = order.events.every(({ type }) => permits(order.caller, publishPermission(type)));
    const caller = isPermitted ? order.caller : await order.refreshCaller();
    let outcome = await this.submitAs(caller, order);
    for (let tries = 1; isOutdated(outcome) && tries < TRIES_MAX; tries += 1) {
      outcome = await this.submitAs(await order.refreshCaller(), order);
    }
    switch (outcome.kind) {
      case 'accepted':
        return { replayed: false, events: outcome.events };
      case 'replayed':
        return { replayed: true, events: outcome.events };
      case 'idempotency_conflict':
        throw new SignpostError('idempotency_conflict', 'This Idempotency-Key was used with another body.');
      case 'answer_unknown':
        throw new SignpostError(
          'unavailable',
          'What was answered to this Idempotency-Key cannot be read now. Send it again.',
          {
            retryAfterSeconds: 1,
            cause: outcome.cause,
          },
        );
      case 'store_not_found':
        throw notFound('store');
      case 'stale_caller':
        throw new SignpostError('unavailable', 'The API key is being changed again and again. Send it again.', {
          retryAfterSeconds: 1,
        });
      default:
        return assertNever(outcome);
    }
  }

  private submitAs(caller: Caller, order: PublishOrder): Promise<SubmissionOutcome> {
    const { store, person, events, idempotencyKey, body } = order;
    for (const { type } of events) requirePermission(caller, publishPermission(type));
    const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: sha256(body) };
    return this.publisher.publish({ storeId: store.id, fence: fenceOf(caller), person, idempotency, events });
  }
}

function isOutdated({ kind }: SubmissionOutcome): boolean {
  return kind === 'stale_caller' || kind === 'store_not_found';
}

function fenceOf(caller: Caller): KeyFence | null {
  if (caller.kind !== 'api_key') return null;
  const { apiKeyId, version, usedPreviousSecret } = caller;
  return { apiKeyId, version, usedPreviousSecret };
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
