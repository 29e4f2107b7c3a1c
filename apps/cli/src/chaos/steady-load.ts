import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { OrderTemplate } from '../bench/order-template';
import type { Tally } from './tally';

export interface SteadyLoadOptions {
  readonly apiUrl: string;
  readonly path: string;
  readonly authorization: string;
  /** New events per second, whether or not earlier ones were accepted. */
  readonly perSecond: number;
  readonly tally: Tally;
  readonly stop: AbortSignal;
}

/** How publishing went. */
export interface LoadReport {
  /** Answers that were no 202, by status. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Requests that got no answer, by what the connection said. */
  readonly breaks: Readonly<Record<string, number>>;
  /** The longest time to an answer, whatever it was. */
  readonly slowestAnswerMs: number;
  /** Events that were not published, because too many others were waiting for their 202 already. */
  readonly heldBack: number;
}

/** So many connections that no request waits for one: each is sent at the moment from which its answer is timed. */
const CONNECTIONS = 1_024;
/** Events that may wait for their 202: an outage must not make the load itself grow without bound. */
const OPEN_MAX = 3_000;
/** How long to wait after a connection broke; a 503 tells itself when to come again. */
const RETRY_MS = 500;
/** A publisher that gets no answer for this long has been left hanging, which must not happen. */
const ANSWER_MS_MAX = 10_000;
const DATA_BYTES = 500;
const OFFENCES_MAX = 5;

/**
 * Publishes at a steady rate, as a careful producer does: each event has an Idempotency-Key, and is sent again with the same key until it
 * is answered with 202. Checks that refusals are proper.
 */
export class SteadyLoad {
  private readonly pool: Pool;
  private readonly template = new OrderTemplate(DATA_BYTES);
  private readonly refusals: Record<string, number> = {};
  private readonly breaks: Record<string, number> = {};
  private readonly open = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private slowestAnswerMs = 0;
  private heldBack = 0;
  private offences = 0;
  private begun = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: SteadyLoadOptions) {
    this.pool = new Pool(options.apiUrl, {
      connections: CONNECTIONS,
      pipelining: 1,
      headersTimeout: ANSWER_MS_MAX,
      bodyTimeout: ANSWER_MS_MAX,
    });
  }

  start(): void {
    this.running = this.run();
  }

  /** Begins no more events, and resolves when each that was begun has its 202, or at the latest after `patienceMs`. */
  async finish(patienceMs: number): Promise<LoadReport> {
    this.stopping.abort();
    await this.running;
    const lastMs = performance.now() + patienceMs;
    while (this.open.size > 0 && performance.now() < lastMs && !this.options.stop.aborted) await delay(50);
    if (this.open.size > 0) this.offend(`${this.open.size} events were still not accepted when the load ended.`);
    await this.pool.destroy();
    const { refusals, breaks, slowestAnswerMs, heldBack } = this;
    return { refusals: { ...refusals }, breaks: { ...breaks }, slowestAnswerMs, heldBack };
  }

  private async run(): Promise<void> {
    const startedMs = performance.now();
    const { perSecond, stop } = this.options;
    for (let due = 0; !this.stopping.signal.aborted && !stop.aborted; due += 1) {
      const waitMs = startedMs + (due * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await delay(waitMs);
      if (this.open.size >= OPEN_MAX) this.heldBack += 1;
      else this.begin();
    }
  }

  private begin(): void {
    const published = this.publish(this.begun++).finally(() => this.open.delete(published));
    this.open.add(published);
  }

  private async publish(orderNumber: number): Promise<void> {
    const body = this.template.body(orderNumber);
    const { tally, stop } = this.options;
    while (!stop.aborted) {
      const answer = await this.ask(orderNumber, body);
      if ('id' in answer) return tally.accept({ id: answer.id, orderNumber, acceptedAtMs: performance.now() });
      await delay(answer.againInMs * (0.75 + 0.5 * Math.random()));
      if (this.pool.destroyed) return;
    }
  }

  /** @returns the event's id when it is accepted; when to ask again if not */
  private async ask(orderNumber: number, body: string): Promise<{ id: string } | { againInMs: number }> {
    const { path, authorization } = this.options;
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': `order-${orderNumber}` };
    const askedMs = performance.now();
    try {
      const answer = await this.pool.request({ path, method: 'POST', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode === 202) return { id: (JSON.parse(text) as { id: string }).id };
      count(this.refusals, String(answer.statusCode));
      return { againInMs: this.judgeRefusal(answer.statusCode, answer.headers) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
        this.offend(`A publisher was not answered within ${ANSWER_MS_MAX / 1_000} s.`);
      }
      if (!this.pool.destroyed) count(this.breaks, code);
    } finally {
      this.slowestAnswerMs = Math.max(this.slowestAnswerMs, performance.now() - askedMs);
    }
    return { againInMs: RETRY_MS };
  }

  /** Checks that a refusal is a 503 that tells when to come again. @returns in how many milliseconds to come again */
  private judgeRefusal(status: number, headers: Record<string, string | string[] | undefined>): number {
    const type = String(headers['content-type']);
    const retryAfter = String(headers['retry-after']);
    const isProper = status === 503 && type.startsWith('application/problem+json') && /^\d+$/.test(retryAfter);
    if (!isProper) this.offend(`A publisher was answered with ${status}, ${type}, Retry-After: ${retryAfter}.`);
    return isProper ? Number(retryAfter) * 1_000 : RETRY_MS;
  }

  private offend(sentence: string): void {
    this.offences += 1;
    if (this.offences <= OFFENCES_MAX) this.options.tally.offences.push(sentence);
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
