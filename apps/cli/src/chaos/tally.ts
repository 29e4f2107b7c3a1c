/** An event that was answered with 202. */
export interface AcceptedEvent {
  readonly id: string;
  /** Of the order in its payload. */
  readonly orderNumber: number;
  readonly acceptedAtMs: number;
}

/** A request that a receiver got whole. A `refused` one was answered with 500, on purpose; a `taken` one with 200, or not at all. */
export interface Receipt {
  readonly atMs: number;
  readonly outcome: 'taken' | 'refused';
}

/** What became of one event at one webhook. */
export interface DeliveryTally {
  readonly event: AcceptedEvent;
  /** In the order in which they came. */
  readonly receipts: readonly Receipt[];
}

/** Counts what was accepted against what arrived, on one monotonic clock in milliseconds. */
export class Tally {
  private readonly accepted = new Map<string, AcceptedEvent>();
  private readonly receipts = new Map<string, Map<string, Receipt[]>>();
  /** Everything that must never happen but did, in plain sentences. */
  readonly offences: string[] = [];

  /** @param webhooks - the webhooks that each event is owed to, by name */
  constructor(webhooks: readonly string[]) {
    for (const webhook of webhooks) this.receipts.set(webhook, new Map());
  }

  get acceptedCount(): number {
    return this.accepted.size;
  }

  accept(event: AcceptedEvent): void {
    const before = this.accepted.get(event.id);
    if (before !== undefined) {
      this.offences.push(`Orders ${before.orderNumber} and ${event.orderNumber} were accepted as the same event.`);
    }
    this.accepted.set(event.id, event);
  }

  /** @returns how often this delivery had been received before */
  receive(webhook: string, id: string, receipt: Receipt): number {
    const byId = this.receipts.get(webhook);
    if (byId === undefined) {
      this.offences.push(`A request came to "${webhook}", which is no webhook.`);
      return 0;
    }
    const receipts = byId.get(id) ?? [];
    byId.set(id, receipts);
    return receipts.push(receipt) - 1;
  }

  /** How often a delivery has been received. */
  timesReceived(webhook: string, id: string): number {
    return this.receipts.get(webhook)?.get(id)?.length ?? 0;
  }

  /** Each delivery that was received and not refused, as {@link pairName} has it. */
  taken(): readonly string[] {
    return [...this.receipts].flatMap(([webhook, byId]) =>
      [...byId].flatMap(([id, receipts]) => (receipts.some(isTaken) ? [pairName(webhook, id)] : [])),
    );
  }

  /** Every event at every webhook. */
  *deliveries(): Generator<DeliveryTally> {
    for (const event of this.accepted.values()) {
      for (const byId of this.receipts.values()) yield { event, receipts: byId.get(event.id) ?? [] };
    }
  }

  /** How many deliveries of events accepted up to this time have not arrived yet. */
  owed(acceptedByMs: number): number {
    let count = 0;
    for (const { event, receipts } of this.deliveries()) {
      if (event.acceptedAtMs <= acceptedByMs && !receipts.some(isTaken)) count += 1;
    }
    return count;
  }

  /** Events that arrived although no publisher was told that they were accepted. */
  get unannounced(): number {
    const ids = new Set([...this.receipts.values()].flatMap((byId) => [...byId.keys()]));
    return [...ids].filter((id) => !this.accepted.has(id)).length;
  }
}

/** Names one event at one webhook. */
export function pairName(webhook: string, eventId: string): string {
  return `${webhook} ${eventId}`;
}

export function isTaken(receipt: Receipt): boolean {
  return receipt.outcome === 'taken';
}
