import { type BatchId, idTimeMs, mintId, type WebhookId } from '@signpost/domain';
import type { Courtesy } from './courtesy';
import type { Lanes } from './lanes';
import type { LeaseKeeper } from './lease-keeper';
import type {
  CommittedStep,
  DueWebhook,
  EventApart,
  FanOutLedger,
  LeasedDelivery,
  NewDelivery,
  NewLease,
  OpenBatch,
} from './ports/delivery-ledger';
import type { BatchToFanOut, JobQueue } from './ports/job-queue';
import type { RegisteredWebhook } from './ports/registry-source';
import type { Recorder } from './recorder';
import { StoreMeter } from './store-meter';
import { countAccepted, type Pair, planStep, type StepPlan, type WideEvent } from './step-plan';
import { canSign, type Registry } from './registry';

/** Bounds of one step: events read, and deliveries written. */
const STEP_EVENTS_MAX = 500;
const STEP_DELIVERIES_MAX = 2_000;
/** How many deliveries one step of bulk writes while other work is expected. */
const PIECE_DELIVERIES = 100;
/** An event that this many webhooks want, or more, is fanned out as bulk. */
const WIDE_WEBHOOKS_MIN = 200;
/**
 * How fast deliveries of such events are made, roughly, beside other work; and how many a store can have on its account: those of one
 * minute.
 */
const APART = { perSecond: 1_000, deliveries: 60_000 };
/**
 * How soon the gate of held deliveries is looked at. Not soon: assigning or activating a key opens the gates of its webhooks at once.
 */
const HELD_CHECK_MS = 30_000;

/** What a fan-out reports, for logs and metrics. */
export interface FanOutObserver {
  fannedOut(deliveries: readonly NewDelivery[]): void;
}

/**
 * Turns a batch into deliveries, in bounded steps, each committed exactly once. Deliveries for which a lane has room are leased to this
 * worker as they are written, and go straight into the lane; the rest is left due. An event that very many webhooks want, in bulk as well,
 * becomes a batch of its own, which gives way to other work as bulk does.
 */
export class FanOut {
  private readonly apart = new StoreMeter(APART.perSecond);

  constructor(
    private readonly ledger: FanOutLedger,
    private readonly registry: Registry,
    private readonly lanes: Lanes,
    private readonly keeper: LeaseKeeper,
    private readonly recorder: Recorder,
    private readonly work: {
      readonly queue: JobQueue;
      readonly observer: FanOutObserver;
      readonly courtesy: Courtesy;
    },
  ) {}

  /** Fans a batch out to its end, or as far as another worker has not. @throws when PostgreSQL is away: the job is tried again. */
  async run(batchId: BatchId): Promise<void> {
    do await this.lanes.room();
    while (await this.next(batchId, USUAL_STEP));
  }

  /** As {@link run}, step by step in the time that other work leaves. */
  async runBulk(batchId: BatchId): Promise<void> {
    const { courtesy } = this.work;
    for (let goesOn = true; goesOn;) {
      await this.lanes.room();
      const startedAtMs = performance.now();
      goesOn = await this.next(batchId, {
        eventsMax: courtesy.pieceOf(STEP_EVENTS_MAX),
        deliveriesMax: courtesy.pieceOf(STEP_DELIVERIES_MAX, PIECE_DELIVERIES),
      });
      await courtesy.rest(performance.now() - startedAtMs, this.keeper.nowMs() - idTimeMs(batchId));
    }
  }

  /** Takes the next step of a batch, and says whether there is another one. */
  private async next(batchId: BatchId, bounds: StepBounds): Promise<boolean> {
    const askedAtMs = this.registry.nowMs();
    const batch = await this.ledger.openBatch(batchId, bounds.eventsMax);
    if (batch === null) return false;
    const webhooks = await this.registry.atVersions(batch.storeVersions, askedAtMs);
    const webhooksMax = isApart(batch) ? Infinity : WIDE_WEBHOOKS_MIN - 1;
    const plan = planStep(batch, webhooks, { deliveriesMax: bounds.deliveriesMax, webhooksMax });
    if (!batch.bulk && plan.pairs.length > 0) this.work.courtesy.othersServed();
    return (await this.step(batch, plan)) === 'goes on';
  }

  private async step(batch: OpenBatch, plan: StepPlan): Promise<'goes on' | 'done' | 'taken over'> {
    const nowMs = this.keeper.nowMs();
    const room = this.reserveRoom(plan.pairs, nowMs);
    const left = new Map(room);
    const deliveries = plan.pairs.map((pair) => newDelivery(pair, left, nowMs));
    const apart = plan.wide.map((event) => ({ ...event, batchId: mintId('batch', nowMs) }));
    let committed: Committed | null = null;
    try {
      committed = await this.commit(batch, plan, deliveries, apart);
    } finally {
      if (committed === null) for (const [webhookId, count] of room) this.lanes.unreserve(webhookId, count);
    }
    if (committed === null) return 'taken over';
    const { lease, wakes, shut } = committed;
    this.noteOpenBreakers(shut, room);
    const written = leftDue(deliveries, shut);
    this.work.observer.fannedOut(written);
    const leased = plan.pairs.flatMap((pair, index) => leasedDelivery(pair, written[index], lease.leaseId));
    this.recorder.leased(leased);
    this.lanes.put(leased);
    this.expectMore(written, plan.pairs, nowMs);
    const { queue } = this.work;
    await Promise.all([
      wakes.length > 0 ? queue.addWakes(wakes) : null,
      apart.length > 0 ? queue.addBatches(this.bulkOf(apart, batch.eventType)) : null,
    ]);
    return plan.next === null ? 'done' : 'goes on';
  }

  /** Each is due behind the wide events that its store published lately, as other bulk is due behind that of its store. */
  private bulkOf(apart: readonly (WideEvent & EventApart)[], eventType: OpenBatch['eventType']): BatchToFanOut[] {
    return apart.map(({ batchId, storeId, webhooks }) => {
      const before = this.apart.add(storeId, webhooks, APART.deliveries);
      return { batchId, eventType, bulk: true, dueAtMs: this.keeper.nowMs() + (before / APART.perSecond) * 1_000 };
    });
  }

  private commit(
    batch: OpenBatch,
    plan: StepPlan,
    deliveries: readonly NewDelivery[],
    apart: readonly EventApart[],
  ): Promise<Committed | null> {
    return this.keeper.leasing(async (lease) => {
      const committed = await this.ledger.commitStep({
        batchId: batch.batchId,
        from: { position: batch.position, afterWebhook: batch.afterWebhook },
        next: plan.next,
        deliveries,
        apart,
        lease,
        gates: this.gatesOf(deliveries, plan.pairs),
        accepted: countAccepted(batch, plan),
      });
      return committed === null ? null : { ...committed, lease };
    });
  }

  private reserveRoom(pairs: readonly Pair[], nowMs: number): Map<WebhookId, number> {
    const wanted = new Map<WebhookId, number>();
    for (const { webhook } of pairs) {
      if (isDirect(webhook, nowMs)) wanted.set(webhook.id, (wanted.get(webhook.id) ?? 0) + 1);
    }
    for (const [webhookId, count] of wanted) wanted.set(webhookId, this.lanes.reserve(webhookId, count));
    return wanted;
  }

  /**
   * When the gate must be looked at of each webhook that has deliveries left waiting: at once where only the gate can count the rate; after
   * a while where they are held, in case the key has become active meanwhile.
   */
  private gatesOf(deliveries: readonly NewDelivery[], pairs: readonly Pair[]): DueWebhook[] {
    const gates = new Map<WebhookId, number>();
    deliveries.forEach(({ fate, webhookId }, index) => {
      if (fate === 'leased' || fate === 'canceled' || gates.has(webhookId)) return;
      const limited = pairs[index]?.webhook.rateLimit !== null;
      gates.set(webhookId, fate === 'held' ? HELD_CHECK_MS : limited ? 0 : this.lanes.retryAfterMs(webhookId));
    });
    return [...gates].map(([webhookId, delayMs]) => ({ webhookId, delayMs }));
  }

  /** This worker did not know that these breakers are open: another worker opened them, or this one did before it was restarted. */
  private noteOpenBreakers(shut: readonly DueWebhook[], room: ReadonlyMap<WebhookId, number>): void {
    for (const { webhookId, delayMs } of shut) {
      if (delayMs > 0) this.lanes.openBreaker(webhookId, delayMs);
      this.lanes.unreserve(webhookId, room.get(webhookId) ?? 0);
    }
  }

  /** Deliveries that found no room are fetched by this worker as its lanes drain. */
  private expectMore(deliveries: readonly NewDelivery[], pairs: readonly Pair[], nowMs: number): void {
    const left = pairs.filter(({ webhook }, index) => deliveries[index]?.fate !== 'leased' && isDirect(webhook, nowMs));
    for (const webhookId of new Set(left.map(({ webhook }) => webhook.id))) this.lanes.expectMore(webhookId);
  }
}

interface Committed extends CommittedStep {
  readonly lease: NewLease;
}

/** Whether an event is alone in its batch of bulk: it has a batch of its own already. */
function isApart({ bulk, position, events, more }: OpenBatch): boolean {
  return bulk && position === 0 && events.length === 1 && !more;
}

/** Bounds of a step. */
interface StepBounds {
  readonly eventsMax: number;
  readonly deliveriesMax: number;
}

const USUAL_STEP: StepBounds = { eventsMax: STEP_EVENTS_MAX, deliveriesMax: STEP_DELIVERIES_MAX };

/** Whether a delivery may go into a lane at its fan-out. One of a webhook with a rate limit may not: its gate counts the rate. */
function isDirect({ enabled, signer, rateLimit }: RegisteredWebhook, nowMs: number): boolean {
  return enabled && canSign(signer, nowMs) && rateLimit === null;
}

function newDelivery({ event, webhook }: Pair, room: Map<WebhookId, number>, nowMs: number): NewDelivery {
  const left = room.get(webhook.id) ?? 0;
  if (left > 0) room.set(webhook.id, left - 1);
  return {
    id: mintId('delivery', nowMs),
    storeId: event.storeId,
    eventId: event.id,
    webhookId: webhook.id,
    eventType: event.type,
    payloadUnits: event.data?.length ?? 0,
    fate: left > 0 ? 'leased' : fateWithoutRoom(webhook, nowMs),
  };
}

function fateWithoutRoom({ enabled, signer, rateLimit }: RegisteredWebhook, nowMs: number): NewDelivery['fate'] {
  if (!enabled) return 'canceled';
  if (!canSign(signer, nowMs)) return 'held';
  return rateLimit === null ? 'overflow' : 'due';
}

/** The deliveries as they were written: if the breaker of their webhook is open, they were left due instead of leased. */
function leftDue(deliveries: readonly NewDelivery[], shut: readonly DueWebhook[]): readonly NewDelivery[] {
  if (shut.length === 0) return deliveries;
  const webhookIds = new Set(shut.map(({ webhookId }) => webhookId));
  return deliveries.map((delivery) =>
    delivery.fate === 'leased' && webhookIds.has(delivery.webhookId) ? { ...delivery, fate: 'due' } : delivery,
  );
}

function leasedDelivery(
  { event }: Pair,
  delivery: NewDelivery | undefined,
  leaseId: LeasedDelivery['leaseId'],
): LeasedDelivery[] {
  if (delivery?.fate !== 'leased') return [];
  const { id, storeId, webhookId } = delivery;
  return [{ id, leaseId, storeId, webhookId, event, attemptsMade: 0, trigger: 'schedule', probe: false }];
}
