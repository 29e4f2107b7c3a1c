import type { ApiKeyId, BatchId, EventId, EventType, StoreId } from '@signpost/domain';

/** An event as the producer published it. */
export interface NewEvent {
  readonly id: EventId;
  readonly type: EventType;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly timestamp: string;
  /** The producer's own JSON text of `data`, byte for byte. */
  readonly data: string;
}

/** The key that publishes, as it was when the caller was authenticated. The commit accepts exactly this version of the key. */
export interface KeyFence {
  readonly apiKeyId: ApiKeyId;
  readonly version: string;
  /** Whether the caller used the secret before the last rotation, which must then still be in its overlap. */
  readonly usedPreviousSecret: boolean;
}

/** Somebody who signed in, or came by a portal link, and publishes by hand. */
export interface PersonAtHand {
  /** The wire form of the person's id, or of the link's. */
  readonly id: string;
  readonly address: string;
}

/** What one request publishes: all of its events are accepted, or none. */
export interface Submission {
  readonly storeId: StoreId;
  /** `null`: the operator, or a person. */
  readonly fence: KeyFence | null;
  /** Whom the audit log names beside the events. `null`: a key or the operator publishes, which the audit log does not record. */
  readonly person: PersonAtHand | null;
  readonly idempotency: { readonly key: string; readonly bodyHash: Buffer } | null;
  readonly events: readonly NewEvent[];
}

/** What the publisher of an accepted event is told about it. */
export type PublishedEvent = Pick<NewEvent, 'id' | 'type' | 'timestamp'>;

/** What became of a submission. */
export type SubmissionOutcome =
  | { readonly kind: 'accepted'; readonly events: readonly PublishedEvent[] }
  /** The same idempotency key and body were accepted before: this is the first answer again. */
  | { readonly kind: 'replayed'; readonly events: readonly PublishedEvent[] }
  /** The idempotency key was used with another body. */
  | { readonly kind: 'idempotency_conflict' }
  /** The idempotency key was used before, and the answer of then cannot be read now. Nothing was stored now; the caller may send again. */
  | { readonly kind: 'answer_unknown'; readonly cause: unknown }
  /** The key changed since the caller was authenticated: authenticate again. */
  | { readonly kind: 'stale_caller' }
  | { readonly kind: 'store_not_found' };

/** Keeps events for good. */
export interface EventLog {
  /**
   * Commits submissions in one transaction: events, idempotency keys, and one outbox row per batch.
   *
   * @param batchOf - the batch of each event type that occurs
   * @param bulk - whether these batches give way to other batches
   * @returns one outcome per submission, in their order; `accepted` means: on disk
   * @throws when PostgreSQL cannot be reached or refuses; nothing, or everything, is then on disk
   */
  commit(
    submissions: readonly Submission[],
    batchOf: ReadonlyMap<EventType, BatchId>,
    bulk: boolean,
  ): Promise<readonly SubmissionOutcome[]>;
}
