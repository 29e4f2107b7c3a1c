import {
  assertNever,
  type AttemptErrorCode,
  composeBody,
  encodeId,
  judge,
  mintId,
  type OutgoingRequest,
  type RetryPolicy,
  secretsValidAt,
  type SendResult,
  signedHeaders,
  SignpostError,
  type Verdict,
} from '@signpost/domain';
import type { LeaseKeeper } from './lease-keeper';
import type { Attempt, LeasedDelivery, NextState, Settlement } from './ports/delivery-ledger';
import type { RegisteredWebhook } from './ports/registry-source';
import { type Recorder, withoutPayload } from './recorder';
import { canSign, type Registry } from './registry';

/** Sends one request, guarded; it never throws. */
export interface Sender {
  send(request: OutgoingRequest): Promise<SendResult>;
}

/** The settings that all attempts of a process have in common. */
export interface AttemptSettings extends RetryPolicy {
  readonly userAgent: string;
}

/** What an attempter reports, for logs and metrics. */
export interface AttemptObserver {
  attempted(settlement: Settlement): void;
  attemptFaulted(delivery: LeasedDelivery, error: unknown): void;
}

/**
 * What an attempt says about the endpoint.
 * - `unsent`: nothing was sent, and this worker no longer owns the delivery.
 * - `away`: as `unsent`, because PostgreSQL is away. When it comes back, it may have lost this worker's newest leases.
 */
export type AttemptOutcome = 'delivered' | 'failed' | 'unsent' | 'away';

/** One attempt: prepare (sign), send, judge, hand to the recorder. */
export class Attempter {
  constructor(
    private readonly registry: Registry,
    private readonly keeper: LeaseKeeper,
    private readonly sender: Sender,
    private readonly recorder: Recorder,
    private readonly settings: AttemptSettings,
    private readonly observer: AttemptObserver,
  ) {}

  /** Makes the attempt, and records its result. It never throws: after a fault, the delivery is given back. */
  async attempt(delivery: LeasedDelivery): Promise<AttemptOutcome> {
    try {
      const registered = this.registry.webhook(delivery.storeId, delivery.webhookId);
      const webhook = registered instanceof Promise ? await registered : registered;
      // A worker whose lease has lapsed sends nothing: another worker may be sending the delivery.
      if (!this.keeper.held.has(delivery.leaseId)) return 'unsent';
      const prepared = this.prepare(delivery, webhook);
      if (prepared.kind === 'settled') {
        this.settle({ delivery, attempt: null, next: prepared.next });
        return 'unsent';
      }
      if (!this.keeper.stands) return this.giveBack(delivery);
      const startedAtMs = this.keeper.nowMs();
      const result = await this.sender.send(prepared.request);
      const settlement = this.judge(delivery, { request: prepared.request, startedAtMs, result });
      this.settle(settlement);
      return settlement.next.kind === 'delivered' ? 'delivered' : 'failed';
    } catch (error) {
      if (isAway(error)) return this.giveBack(delivery);
      this.observer.attemptFaulted(delivery, error);
      this.recorder.release([delivery], FAULT_REST_MS);
      return 'unsent';
    }
  }

  private prepare(delivery: LeasedDelivery, webhook: RegisteredWebhook | null): Prepared {
    const { event, trigger } = delivery;
    if (webhook === null) return settled({ kind: 'canceled', errorCode: 'webhook_deleted' });
    if (!webhook.enabled && trigger !== 'test') return settled({ kind: 'canceled', errorCode: 'webhook_disabled' });
    if (event.data === null) return settled({ kind: 'failed', errorCode: 'payload_expired', disableWebhook: false });
    const nowMs = this.keeper.nowMs();
    if (!canSign(webhook.signer, nowMs)) return settled({ kind: 'held' });
    // As bytes, once, for signing and for sending.
    const body = Buffer.from(composeBody({ type: event.type, timestamp: event.timestamp, data: event.data }));
    const headers = signedHeaders({
      id: encodeId('event', event.id),
      timestampSeconds: Math.floor(nowMs / 1000),
      body,
      secrets: secretsValidAt(webhook.signer, nowMs),
      userAgent: this.settings.userAgent,
    });
    return { kind: 'ready', request: { url: webhook.url, headers, body } };
  }

  private judge(delivery: LeasedDelivery, { request, startedAtMs, result }: Exchange): Settlement {
    // Reckoned from the duration: when the clock of the machine was set forward meanwhile, `nowMs()` is ahead until the next heartbeat.
    const endedAtMs = startedAtMs + result.timings.totalMs;
    const byPerson = delivery.trigger === 'manual' || delivery.trigger === 'test';
    const verdict = judge(
      result,
      {
        attemptsMade: delivery.attemptsMade + (byPerson ? 0 : 1),
        nowMs: endedAtMs,
        random: Math.random(),
        manual: byPerson,
      },
      this.settings,
    );
    const error = verdict.kind === 'delivered' ? null : { code: verdict.errorCode, message: verdict.message };
    const sent = { url: request.url, headers: request.headers };
    const attempt: Attempt = { id: mintId('attempt', endedAtMs), startedAtMs, request: sent, result, error };
    return { delivery, attempt, next: nextState(verdict, delivery) };
  }

  private giveBack(delivery: LeasedDelivery): AttemptOutcome {
    this.recorder.release([delivery], AWAY_REST_MS);
    return 'away';
  }

  private settle({ delivery, attempt, next }: Settlement): void {
    const settlement = { delivery: withoutPayload(delivery), attempt, next };
    this.observer.attempted(settlement);
    this.recorder.add(settlement);
  }
}

/** Whether PostgreSQL could not be asked for the webhook: nothing was sent. */
function isAway(error: unknown): boolean {
  return error instanceof SignpostError && error.code === 'unavailable';
}

/** How long a delivery rests after a fault of Signpost. */
const FAULT_REST_MS = 10_000;
/**
 * How long a delivery rests when PostgreSQL is away, or has no connection left: without a rest, all deliveries would ask again and again.
 */
export const AWAY_REST_MS = 1_000;

/** A request that was sent, and its result. */
interface Exchange {
  readonly request: OutgoingRequest;
  readonly startedAtMs: number;
  readonly result: SendResult;
}

type Prepared =
  | { readonly kind: 'ready'; readonly request: OutgoingRequest }
  | { readonly kind: 'settled'; readonly next: NextState };

function settled(next: NextState): Prepared {
  return { kind: 'settled', next };
}

function nextState(verdict: Verdict, delivery: LeasedDelivery): NextState {
  switch (verdict.kind) {
    case 'delivered':
      return { kind: 'delivered' };
    case 'failed':
      // A test reports the failure, but does not disable the webhook.
      return failed(verdict.errorCode, verdict.disableWebhook && delivery.trigger !== 'test');
    case 'retry':
      if (delivery.trigger === 'test') return failed(verdict.errorCode, false);
      if (verdict.delayMs === null) return { kind: 'resume', errorCode: verdict.errorCode };
      return { kind: 'retry', delayMs: verdict.delayMs, errorCode: verdict.errorCode };
    default:
      return assertNever(verdict);
  }
}

function failed(errorCode: AttemptErrorCode, disableWebhook: boolean): NextState {
  return { kind: 'failed', errorCode, disableWebhook };
}
