import { hash } from 'node:crypto';
import type { KeyFence, NewEvent, PublishedEvent, Publisher, Submission, SubmissionOutcome } from '@signpost/delivery';
import { assertNever, publishPermission, SignpostError } from '@signpost/domain';
import type { RequestStore } from '../access/access-context';
import { type Caller, confirmPermissions, requirePermission } from '../access/caller';
import { notFound } from '../problems/not-found';

/** What one request publishes, and for whom. */
export interface PublishOrder {
  readonly store: RequestStore;
  /** May have been authenticated a while ago: the commit checks that its key has not changed since. */
  readonly caller: Caller;
  /** Authenticates the request once more. @throws SignpostError when the credentials no longer hold */
  readonly refreshCaller: () => Promise<Caller>;
  readonly events: readonly NewEvent[];
  readonly idempotencyKey: string | null;
  /** The body as it was sent: an idempotency key stands for exactly this one. */
  readonly body: string;
}

export interface Publication {
  /** Whether the request had been accepted before, and this is the answer of then. */
  readonly replayed: boolean;
  readonly events: readonly PublishedEvent[];
}

type FreshOutcome = Exclude<SubmissionOutcome, { readonly kind: 'stale_caller' }>;

/** Publishes events for a caller who may publish them. */
export class EventPublishing {
  constructor(private readonly publisher: Publisher) {}

  /** @throws SignpostError `forbidden` that names the permission, `idempotency_conflict`, `not_found`, `unavailable` */
  async publish(order: PublishOrder): Promise<Publication> {
    const { idempotencyKey, body } = order;
    const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: sha256(body) };
    const outcome = await this.submit(order, idempotency);
    switch (outcome.kind) {
      case 'accepted':
        return { replayed: false, events: outcome.events };
      case 'replayed':
        return { replayed: true, events: outcome.events };
      case 'idempotency_conflict':
        throw new SignpostError('idempotency_conflict', 'This Idempotency-Key was used with another body.');
      case 'store_not_found':
        throw notFound('store');
      default:
        return assertNever(outcome);
    }
  }

  /** A key that changed since its caller was authenticated gets one more try, as what it is now. */
  private async submit(order: PublishOrder, idempotency: Submission['idempotency']): Promise<FreshOutcome> {
    const permissions = [...new Set(order.events.map(({ type }) => publishPermission(type)))];
    const caller = await confirmPermissions(order.caller, order.refreshCaller, permissions);
    const outcome = await this.submitAs(caller, order, idempotency);
    if (outcome.kind !== 'stale_caller') return outcome;
    const again = await this.submitAs(await order.refreshCaller(), order, idempotency);
    if (again.kind !== 'stale_caller') return again;
    throw new SignpostError('unauthenticated', 'The credentials are missing or not valid.');
  }

  private submitAs(
    caller: Caller,
    { store, events }: PublishOrder,
    idempotency: Submission['idempotency'],
  ): Promise<SubmissionOutcome> {
    for (const { type } of events) requirePermission(caller, publishPermission(type));
    return this.publisher.publish({ storeId: store.id, fence: fenceOf(caller), idempotency, events });
  }
}

function fenceOf(caller: Caller): KeyFence | null {
  if (caller.kind !== 'api_key') return null;
  const { apiKeyId, version, usedPreviousSecret } = caller;
  return { apiKeyId, version, usedPreviousSecret };
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
