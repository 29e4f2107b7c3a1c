import {
  type BatchId,
  type DeliveryId,
  type EventType,
  type LeaseId,
  SignpostError,
  type StoreId,
  type WebhookId,
  type WorkerId,
} from '@signpost/domain';
import {
  type Claim,
  type ClaimLedger,
  type CommittedStep,
  type DueWebhook,
  type FanOutLedger,
  type FanOutStep,
  LapsedWorkerError,
  type LeasedDelivery,
  type LeaseLedger,
  type NewLease,
  type OpenBatch,
  type RecordOutcome,
  type ResultLedger,
  type Settlement,
  type StoredEvent,
  type SweepLedger,
} from '../ports/delivery-ledger';
import type { RegisteredWebhook, RegistrySource, StoreRegistry } from '../ports/registry-source';

/** What goes wrong with a call: nothing; there is no connection; or it breaks when the work is done, before the answer comes. */
export type Fault = 'none' | 'away' | 'answer lost';

interface Row {
  readonly id: DeliveryId;
  readonly event: StoredEvent;
  readonly webhookId: WebhookId;
  status: 'queued' | 'retrying' | 'delivered' | 'failed' | 'canceled' | 'held';
  waiting: boolean;
  dueAtMs: number;
  leaseId: LeaseId | null;
  attemptsMade: number;
  trigger: LeasedDelivery['trigger'];
}

interface Batch {
  readonly events: readonly StoredEvent[];
  position: number;
  afterWebhook: WebhookId | null;
  readonly bulk?: boolean;
}

/** When a gate is due again after a claim that left deliveries due. */
const COME_BACK_MS = 5_000;

/** All ledgers in memory, with the promises of the real ones, for tests of the parts that use ledgers. Without rates and breakers. */
export class MemoryLedgers
  implements FanOutLedger, ClaimLedger, ResultLedger, LeaseLedger, RegistrySource, SweepLedger
{
  readonly batches = new Map<BatchId, Batch>();
  readonly deliveries = new Map<DeliveryId, Row>();
  readonly leases = new Map<LeaseId, { readonly workerId: WorkerId; readonly ids: readonly DeliveryId[] }>();
  readonly workers = new Map<WorkerId, number>();
  readonly gates = new Map<WebhookId, number>();
  readonly attempts = new Map<DeliveryId, number>();
  readonly webhooks: RegisteredWebhook[] = [];
  storeVersion = '1';
  fault: (call: string) => Fault = () => 'none';

  /** @param nowMs - the ledgers' clock */
  constructor(private readonly nowMs: () => number) {}

  openBatch(batchId: BatchId, eventsMax: number): Promise<OpenBatch | null> {
    return this.call('openBatch', () => {
      const batch = this.batches.get(batchId);
      if (batch === undefined) return null;
      const { position, afterWebhook, bulk = false } = batch;
      const events = batch.events.slice(position, position + eventsMax);
      const storeVersions = new Map(events.map((event): [StoreId, string] => [event.storeId, this.storeVersion]));
      const more = position + events.length < batch.events.length;
      return { batchId, eventType: 'order.create', bulk, position, afterWebhook, events, more, storeVersions };
    });
  }

  commitStep(step: FanOutStep): Promise<CommittedStep | null> {
    return this.call('commitStep', () => {
      const batch = this.batches.get(step.batchId);
      const isNext = batch?.position === step.from.position && batch.afterWebhook === step.from.afterWebhook;
      if (batch === undefined || !isNext) return null;
      const leased = step.deliveries.filter(({ fate }) => fate === 'leased').map(({ id }) => id);
      if (leased.length > 0) this.lease(step.lease, leased);
      for (const apart of step.apart) {
        const events = batch.events.filter(({ id }) => id === apart.eventId);
        this.batches.set(apart.batchId, { events, position: 0, afterWebhook: null, bulk: true });
      }
      if (step.next === null) this.batches.delete(step.batchId);
      else Object.assign(batch, step.next);
      for (const { id, eventId, webhookId, fate } of step.deliveries) {
        const event = batch.events.find((each) => each.id === eventId);
        if (event === undefined) throw new Error('A delivery of no event.');
        const waiting = fate !== 'leased' && fate !== 'canceled';
        const status = fate === 'held' || fate === 'canceled' ? fate : 'queued';
        const leaseId = fate === 'leased' ? step.lease.leaseId : null;
        const row: Row = {
          id,
          event,
          webhookId,
          status,
          waiting,
          dueAtMs: this.nowMs(),
          leaseId,
          attemptsMade: 0,
          trigger: 'schedule',
        };
        this.deliveries.set(id, row);
      }
      return { wakes: this.moveGates(step.gates), shut: [] };
    });
  }

  claim(webhookId: WebhookId, lease: NewLease, limit: number): Promise<Claim> {
    return this.call('claim', () => {
      const waiting = [...this.deliveries.values()].filter((row) => row.webhookId === webhookId && row.waiting);
      const due = waiting.filter((row) => row.dueAtMs <= this.nowMs()).slice(0, limit);
      if (due.length > 0)
        this.lease(
          lease,
          due.map(({ id }) => id),
        );
      for (const row of due) Object.assign(row, { waiting: false, leaseId: lease.leaseId });
      const nextMs = Math.min(...waiting.filter((row) => row.waiting).map(({ dueAtMs }) => dueAtMs));
      const moreDue = nextMs <= this.nowMs();
      if (nextMs === Infinity) this.gates.delete(webhookId);
      else this.gates.set(webhookId, moreDue ? this.nowMs() + COME_BACK_MS : nextMs);
      const wakes = nextMs === Infinity || moreDue ? [] : [{ webhookId, delayMs: nextMs - this.nowMs() }];
      return {
        deliveries: due.map((row) => leasedOf(row, lease)),
        storeVersions: new Map(),
        moreDue,
        rateLimited: false,
        wakes,
      };
    });
  }

  claimOne(deliveryId: DeliveryId, lease: NewLease): Promise<Claim | null> {
    return this.call('claimOne', () => {
      const row = this.deliveries.get(deliveryId);
      if (row === undefined || row.trigger === 'schedule' || row.leaseId !== null || row.status !== 'queued')
        return null;
      this.lease(lease, [deliveryId]);
      Object.assign(row, { waiting: false, leaseId: lease.leaseId });
      return {
        deliveries: [leasedOf(row, lease)],
        storeVersions: new Map(),
        moreDue: false,
        rateLimited: false,
        wakes: [],
      };
    });
  }

  record(settlements: readonly Settlement[], ended: readonly LeaseId[], isRepeat: boolean): Promise<RecordOutcome> {
    return this.call('record', () => {
      const due: DueWebhook[] = [];
      for (const { delivery, attempt, next } of settlements) {
        if (attempt !== null && !isRepeat) this.attempts.set(delivery.id, (this.attempts.get(delivery.id) ?? 0) + 1);
        const row = this.deliveries.get(delivery.id);
        const owns = row?.leaseId === delivery.leaseId && !row.waiting;
        if (row === undefined || (!owns && next.kind !== 'delivered') || row.status === 'delivered') continue;
        row.leaseId = null;
        row.waiting = next.kind === 'retry' || next.kind === 'held';
        row.status = next.kind === 'retry' || next.kind === 'resume' ? 'retrying' : next.kind;
        if (next.kind !== 'retry') continue;
        row.attemptsMade += 1;
        row.dueAtMs = this.nowMs() + next.delayMs;
        due.push({ webhookId: delivery.webhookId, delayMs: next.delayMs });
      }
      for (const id of ended) this.leases.delete(id);
      return { wakes: this.moveGates(due), opened: [], disabled: [] };
    });
  }

  release(
    deliveries: readonly LeasedDelivery[],
    gates: readonly DueWebhook[],
    ended: readonly LeaseId[],
  ): Promise<readonly DueWebhook[]> {
    return this.call('release', () => {
      this.free(deliveries.map(({ id, leaseId }) => [id, leaseId]));
      for (const id of ended) this.leases.delete(id);
      return this.moveGates(gates);
    });
  }

  register(workerId: WorkerId, leaseMs: number): Promise<{ nowMs: number }> {
    return this.call('register', () => {
      this.workers.set(workerId, this.nowMs() + leaseMs);
      return { nowMs: this.nowMs() };
    });
  }

  heartbeat(workerId: WorkerId, leaseMs: number): Promise<{ standing: boolean; nowMs: number }> {
    return this.call('heartbeat', () => {
      const standing = this.workers.has(workerId);
      if (standing) this.workers.set(workerId, this.nowMs() + leaseMs);
      return { standing, nowMs: this.nowMs() };
    });
  }

  freeForgotten(workerId: WorkerId, known: readonly LeaseId[], madeBefore: LeaseId): Promise<number> {
    return this.call('freeForgotten', () =>
      this.endLeases((id, owner) => owner === workerId && id < madeBefore && !known.includes(id)),
    );
  }

  retire(workerId: WorkerId): Promise<void> {
    return this.call('retire', () => {
      if (![...this.leases.values()].some((lease) => lease.workerId === workerId)) this.workers.delete(workerId);
    });
  }

  strandedBatches(_olderThanMs: number, limit: number): Promise<readonly { batchId: BatchId; eventType: EventType }[]> {
    return this.call('sweep', () =>
      [...this.batches.keys()].slice(0, limit).map((batchId) => ({ batchId, eventType: 'order.create' as const })),
    );
  }

  releaseLapsedWorkers(): Promise<number> {
    return this.call('sweep', () => {
      const lapsed = [...this.workers].filter(([, untilMs]) => untilMs < this.nowMs()).map(([id]) => id);
      for (const id of lapsed) this.workers.delete(id);
      return this.endLeases((_id, owner) => lapsed.includes(owner));
    });
  }

  overdueWebhooks(overdueMs: number, limit: number): Promise<readonly WebhookId[]> {
    return this.call('sweep', () =>
      [...this.gates].flatMap(([id, dueAtMs]) => (dueAtMs < this.nowMs() - overdueMs ? [id] : [])).slice(0, limit),
    );
  }

  cancelUnsentTests(): Promise<number> {
    return Promise.resolve(0);
  }

  forgetIdempotencyKeys(): Promise<number> {
    return Promise.resolve(0);
  }

  loadStores(storeIds: readonly StoreId[]): Promise<readonly StoreRegistry[]> {
    return this.call('registry', () =>
      storeIds.map((storeId) => ({
        storeId,
        version: this.storeVersion,
        webhooks: this.webhooks.filter((each) => each.storeId === storeId),
      })),
    );
  }

  loadVersions(storeIds: readonly StoreId[]): Promise<ReadonlyMap<StoreId, string>> {
    return this.call('registry', () => new Map(storeIds.map((storeId) => [storeId, this.storeVersion])));
  }

  private lease({ leaseId, workerId }: NewLease, ids: readonly DeliveryId[]): void {
    if (!this.workers.has(workerId)) throw new LapsedWorkerError(workerId);
    this.leases.set(leaseId, { workerId, ids });
  }

  private endLeases(isEnded: (id: LeaseId, owner: WorkerId) => boolean): number {
    let freed = 0;
    for (const [leaseId, { workerId, ids }] of this.leases) {
      if (!isEnded(leaseId, workerId)) continue;
      this.leases.delete(leaseId);
      const webhooks = this.free(ids.map((id) => [id, leaseId]));
      this.moveGates(webhooks.map((webhookId) => ({ webhookId, delayMs: 0 })));
      freed += webhooks.length;
    }
    return freed;
  }

  private free(lost: readonly (readonly [DeliveryId, LeaseId])[]): WebhookId[] {
    return lost.flatMap(([id, leaseId]) => {
      const row = this.deliveries.get(id);
      if (row === undefined || row.leaseId !== leaseId || row.waiting) return [];
      const isTest = row.trigger === 'test';
      Object.assign(row, { waiting: !isTest, leaseId: null, status: isTest ? 'canceled' : row.status });
      return [row.webhookId];
    });
  }

  private moveGates(gates: readonly DueWebhook[]): DueWebhook[] {
    return gates.filter(({ webhookId, delayMs }) => {
      const dueAtMs = this.nowMs() + delayMs;
      if ((this.gates.get(webhookId) ?? Infinity) <= dueAtMs) return false;
      this.gates.set(webhookId, dueAtMs);
      return true;
    });
  }

  /** A call takes one millisecond to the ledger, and one back. */
  private async call<T>(name: string, work: () => T): Promise<T> {
    const fault = this.fault(name);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (fault === 'away') throw new SignpostError('unavailable', 'There is no connection.');
    const result = work();
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (fault === 'answer lost') throw new SignpostError('unavailable', 'The connection broke.');
    return result;
  }
}

function leasedOf({ id, event, webhookId, attemptsMade, trigger }: Row, { leaseId }: NewLease): LeasedDelivery {
  return { id, leaseId, storeId: event.storeId, webhookId, event, attemptsMade, trigger, probe: false };
}
