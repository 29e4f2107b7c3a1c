import type { WebhookId } from '@signpost/domain';
import type { Lanes } from '../lanes/lanes';
import type { DueWebhook, NewDelivery, OpenBreaker } from '../ports/delivery-ledger';
import type { RegisteredWebhook } from '../ports/registry-source';
import { canSign } from '../registry';
import type { Pair } from './step-plan';

/**
 * How soon the gate of held deliveries is looked at. Not soon: assigning or activating a key opens the gates of its webhooks at once.
 */
const HELD_CHECK_MS = 30_000;

/**
 * The room that one step of a fan-out has reserved in the lanes. It decides which deliveries are leased to this worker, and what becomes of
 * the others.
 */
export class StepRoom {
  private readonly reserved = new Map<WebhookId, number>();
  private readonly left: Map<WebhookId, number>;

  /** Reserves as much room as there is for these pairs. @param nowMs - PostgreSQL's time, by which keys expire */
  constructor(
    private readonly lanes: Lanes,
    private readonly pairs: readonly Pair[],
    private readonly nowMs: number,
  ) {
    for (const { webhook } of pairs) {
      if (isDirect(webhook, nowMs)) this.reserved.set(webhook.id, (this.reserved.get(webhook.id) ?? 0) + 1);
    }
    for (const [webhookId, count] of this.reserved) this.reserved.set(webhookId, lanes.reserve(webhookId, count));
    this.left = new Map(this.reserved);
  }

  /** The fate of the next delivery of a webhook. */
  fateOfNext(webhook: RegisteredWebhook): NewDelivery['fate'] {
    const left = this.left.get(webhook.id) ?? 0;
    if (left === 0) return fateWithoutRoom(webhook, this.nowMs);
    this.left.set(webhook.id, left - 1);
    return 'leased';
  }

  /**
   * When the gate must be looked at of each webhook that has deliveries left waiting: at once where only the gate can count the rate; after
   * a while where they are held, in case the key has become active meanwhile.
   */
  gatesOf(deliveries: readonly NewDelivery[]): DueWebhook[] {
    const gates = new Map<WebhookId, number>();
    deliveries.forEach(({ fate, webhookId }, index) => {
      if (fate === 'leased' || fate === 'canceled' || gates.has(webhookId)) return;
      const limited = this.pairs[index]?.webhook.rateLimit !== null;
      gates.set(webhookId, fate === 'held' ? HELD_CHECK_MS : limited ? 0 : this.lanes.retryAfterMs(webhookId));
    });
    return [...gates].map(([webhookId, delayMs]) => ({ webhookId, delayMs }));
  }

  /** Gives all room back: nothing was leased. */
  giveBack(): void {
    for (const [webhookId, count] of this.reserved) this.lanes.unreserve(webhookId, count);
  }

  /**
   * This worker did not know that these breakers are open: another worker opened them, or this one did before it was restarted.
   *
   * @returns the deliveries as they were written: those of these webhooks were left due instead of leased
   */
  closeTo(shut: readonly OpenBreaker[], deliveries: readonly NewDelivery[]): readonly NewDelivery[] {
    if (shut.length === 0) return deliveries;
    for (const { webhookId, openForMs } of shut) {
      if (openForMs > 0) this.lanes.openBreaker(webhookId, openForMs);
      this.lanes.unreserve(webhookId, this.reserved.get(webhookId) ?? 0);
    }
    const webhookIds = new Set(shut.map(({ webhookId }) => webhookId));
    return deliveries.map((delivery) =>
      delivery.fate === 'leased' && webhookIds.has(delivery.webhookId) ? { ...delivery, fate: 'due' } : delivery,
    );
  }

  /** Deliveries that found no room are fetched by this worker as its lanes drain. */
  expectMore(deliveries: readonly NewDelivery[]): void {
    const unleased = this.pairs.filter((_pair, index) => deliveries[index]?.fate !== 'leased');
    const direct = unleased.filter(({ webhook }) => isDirect(webhook, this.nowMs));
    for (const webhookId of new Set(direct.map(({ webhook }) => webhook.id))) this.lanes.expectMore(webhookId);
  }
}

/** Whether a delivery may go into a lane at its fan-out. One of a webhook with a rate limit may not: its gate counts the rate. */
function isDirect({ enabled, signer, rateLimit }: RegisteredWebhook, nowMs: number): boolean {
  return enabled && canSign(signer, nowMs) && rateLimit === null;
}

function fateWithoutRoom({ enabled, signer, rateLimit }: RegisteredWebhook, nowMs: number): NewDelivery['fate'] {
  if (!enabled) return 'canceled';
  if (!canSign(signer, nowMs)) return 'held';
  return rateLimit === null ? 'overflow' : 'due';
}
