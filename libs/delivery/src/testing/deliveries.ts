import {
  type ApiKeyId,
  type BatchId,
  type DeliveryId,
  type EventId,
  idLowerBound,
  type LeaseId,
  type StoreId,
  type WebhookId,
} from '@signpost/domain';
import type { LeasedDelivery, NextState, Settlement, StoredEvent } from '../ports/delivery-ledger';
import type { RegisteredWebhook } from '../ports/registry-source';

/** The n-th id of any kind; ids sort as their numbers do. */
export const storeId = (n: number): StoreId => idLowerBound(n) as StoreId;
export const webhookId = (n: number): WebhookId => idLowerBound(n) as WebhookId;
const eventId = (n: number): EventId => idLowerBound(n) as EventId;
const deliveryId = (n: number): DeliveryId => idLowerBound(n) as DeliveryId;
export const leaseId = (n: number): LeaseId => idLowerBound(n) as LeaseId;
export const batchId = (n: number): BatchId => idLowerBound(n) as BatchId;

export function storedEvent(n: number, of: Partial<StoredEvent> = {}): StoredEvent {
  return {
    id: eventId(n),
    storeId: storeId(1),
    type: 'order.create',
    timestamp: '2026-01-01T00:00:00.000Z',
    data: '{}',
    ...of,
  };
}

/** The n-th delivery, of the first store, to the first webhook, unless told otherwise. */
export function leasedDelivery(n: number, of: Partial<LeasedDelivery> = {}): LeasedDelivery {
  return {
    id: deliveryId(n),
    leaseId: leaseId(1),
    storeId: storeId(1),
    webhookId: webhookId(1),
    event: storedEvent(n),
    attemptsMade: 0,
    trigger: 'schedule',
    probe: false,
    ...of,
  };
}

/** The n-th webhook, which works. */
export function registeredWebhook(n: number, of: Partial<RegisteredWebhook> = {}): RegisteredWebhook {
  return {
    id: webhookId(n),
    storeId: storeId(1),
    url: 'http://127.0.0.1:9/hook',
    eventTypes: ['order.create'],
    enabled: true,
    rateLimit: null,
    signer: {
      apiKeyId: idLowerBound(1) as ApiKeyId,
      current: Buffer.alloc(32, 1),
      previous: null,
      previousValidUntilMs: null,
      expiresAtMs: null,
    },
    ...of,
  };
}

/** A delivery that needs no attempt to be settled. */
export function settlementOf(delivery: LeasedDelivery, next: NextState = { kind: 'delivered' }): Settlement {
  return { delivery, attempt: null, next };
}

/** A promise, and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}

/** Resolves when everything has run that waits neither for a timer nor for another process. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
