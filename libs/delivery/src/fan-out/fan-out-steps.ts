import { type BatchId, mintId } from '@signpost/domain';
import type { Courtesy } from '../courtesy';
import type { Lanes } from '../lanes/lanes';
import type { LeaseKeeper } from '../lease-keeper';
import type {
  CommittedStep,
  DueWebhook,
  EventApart,
  FanOutLedger,
  LeasedDelivery,
  NewDelivery,
  NewLease,
  OpenBatch,
} from '../ports/delivery-ledger';
import type { Registry } from '../registry';
import { countAccepted, type Pair, planStep, type StepPlan, type WideEvent } from './step-plan';
import { StepRoom } from './step-room';

/** Bounds of one step. */
export interface StepBounds {
  readonly eventsMax: number;
  readonly deliveriesMax: number;
}

/** A step that was committed. */
export interface FanOutStepDone {
  readonly eventType: OpenBatch['eventType'];
  readonly deliveries: readonly NewDelivery[];
  /** Wide events that got a batch of their own, which is still to be put into the queue. */
  readonly apart: readonly (WideEvent & EventApart)[];
  /** Wakes that are still to be put into the queue. */
  readonly wakes: readonly DueWebhook[];
  /** Whether the batch goes on after this step. */
  readonly goesOn: boolean;
}

/** An event that this many webhooks want, or more, is fanned out as bulk. */
const WIDE_WEBHOOKS_MIN = 200;

/**
 * The steps in which a batch becomes deliveries, each committed exactly once: read the next events, pair them with the webhooks that want
 * them, commit. Deliveries for which a lane has room are leased to this worker as they are written, and go straight into the lane; the rest
 * is left due. An event that very many webhooks want, in bulk as well, becomes a batch of its own.
 */
export class FanOutSteps {
  constructor(
    private readonly ledger: FanOutLedger,
    private readonly registry: Registry,
    private readonly lanes: Lanes,
    private readonly keeper: LeaseKeeper,
    private readonly courtesy: Courtesy,
  ) {}

  /** Takes the next step of a batch. @returns null when the batch is done already, or another worker has taken this step */
  async next(batchId: BatchId, bounds: StepBounds): Promise<FanOutStepDone | null> {
    const askedAtMs = this.registry.nowMs();
    const batch = await this.ledger.openBatch(batchId, bounds.eventsMax);
    if (batch === null) return null;
    const webhooks = await this.registry.atVersions(batch.storeVersions, askedAtMs);
    const webhooksMax = isApart(batch) ? Infinity : WIDE_WEBHOOKS_MIN - 1;
    const plan = planStep(batch, webhooks, { deliveriesMax: bounds.deliveriesMax, webhooksMax });
    // Before the commit, so that bulk leaves room for it.
    if (!batch.bulk && plan.pairs.length > 0) this.courtesy.othersServed();
    return this.take(batch, plan);
  }

  private async take(batch: OpenBatch, plan: StepPlan): Promise<FanOutStepDone | null> {
    const nowMs = this.keeper.nowMs();
    const room = new StepRoom(this.lanes, plan.pairs, nowMs);
    const deliveries = plan.pairs.map((pair) => newDelivery(pair, room, nowMs));
    const apart = plan.wide.map((event) => ({ ...event, batchId: mintId('batch', nowMs) }));
    let committed: Committed | null = null;
    try {
      committed = await this.commit(batch, plan, { deliveries, apart, gates: room.gatesOf(deliveries) });
    } finally {
      if (committed === null) room.giveBack();
    }
    if (committed === null) return null;
    const { lease, shut, wakes } = committed;
    const written = room.closeTo(shut, deliveries);
    const leased = plan.pairs.flatMap((pair, index) => leasedDelivery(pair, written[index], lease));
    this.keeper.held.add(leased);
    this.lanes.put(leased);
    room.expectMore(written);
    return { eventType: batch.eventType, deliveries: written, apart, wakes, goesOn: plan.next !== null };
  }

  private commit(batch: OpenBatch, plan: StepPlan, made: Made): Promise<Committed | null> {
    const { batchId, position, afterWebhook } = batch;
    return this.keeper.leasing(async (lease) => {
      const from = { position, afterWebhook };
      const accepted = countAccepted(batch, plan);
      const committed = await this.ledger.commitStep({ batchId, from, next: plan.next, ...made, lease, accepted });
      return committed === null ? null : { ...committed, lease };
    });
  }
}

/** What a step writes. */
interface Made {
  readonly deliveries: readonly NewDelivery[];
  readonly apart: readonly EventApart[];
  readonly gates: readonly DueWebhook[];
}

interface Committed extends CommittedStep {
  readonly lease: NewLease;
}

/** Whether an event is alone in its batch of bulk: it has a batch of its own already. */
function isApart({ bulk, position, events, more }: OpenBatch): boolean {
  return bulk && position === 0 && events.length === 1 && !more;
}

function newDelivery({ event, webhook }: Pair, room: StepRoom, nowMs: number): NewDelivery {
  return {
    id: mintId('delivery', nowMs),
    storeId: event.storeId,
    eventId: event.id,
    webhookId: webhook.id,
    eventType: event.type,
    payloadUnits: event.data?.length ?? 0,
    fate: room.fateOfNext(webhook),
  };
}

function leasedDelivery({ event }: Pair, delivery: NewDelivery | undefined, { leaseId }: NewLease): LeasedDelivery[] {
  if (delivery?.fate !== 'leased') return [];
  const { id, storeId, webhookId } = delivery;
  return [{ id, leaseId, storeId, webhookId, event, attemptsMade: 0, trigger: 'schedule', probe: false }];
}
