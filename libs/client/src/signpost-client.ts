import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RawJson } from './raw-json';
import { retryDelayMs } from './retry-delay';
import { SignpostClientError } from './signpost-client-error';

export interface SignpostClientOptions {
  /** Where Signpost is: `https://signpost.example.com`. */
  readonly baseUrl: string;
  /** The store's key, as in its URLs. */
  readonly store: string;
  /** The API key: `spk_…`. */
  readonly key: string;
  /** Its secret: `whsec_…`. */
  readonly secret: string;
  /** How often a request is made at most. Default 6: when nothing listens, the last one is made 8 to 15 s after the first. */
  readonly attemptsMax?: number;
  /** How long one attempt may take. Default 10 s. */
  readonly attemptTimeoutMs?: number;
  /** The longest wait between two attempts, whatever `Retry-After` says. Default 30 s. */
  readonly retryDelayMsMax?: number;
  /** Default: the global fetch. */
  readonly fetch?: typeof fetch;
  /** Default: a timer. */
  readonly sleep?: (timeMs: number) => Promise<unknown>;
  /** A number from 0 up to 1. Default: Math.random. */
  readonly random?: () => number;
}

export interface PublishOptions {
  /** Makes it safe to publish again: the same key and body give the same event, for at least 24 hours. Default: a new one. */
  readonly idempotencyKey?: string;
  /** Ends the wait. An event that was sent by then may have been accepted. */
  readonly signal?: AbortSignal;
}

/** What is published: a value, or text that is sent as it is (`rawJson`). */
export type EventData = RawJson | object;

export interface NewEvent {
  readonly type: string;
  readonly data: EventData;
  /** When it happened; left out: when it is accepted. A text is ISO 8601. */
  readonly timestamp?: Date | string;
}

/** An accepted event: it is on disk and will be delivered. */
export interface PublishedEvent {
  /** What webhooks get as `webhook-id`. */
  readonly id: string;
  readonly type: string;
  /** ISO 8601 in UTC. */
  readonly timestamp: string;
}

const ATTEMPTS_MAX = 6;
const ATTEMPT_TIMEOUT_MS = 10_000;
const RETRY_DELAY_MS_MAX = 30_000;
/** The answers of a service that is unavailable for a moment, or of the proxy in front of it. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Publishes the events of a store. When a request gets no answer, or the answer that Signpost is not available, the client makes it again
 * with the same idempotency key: the event is accepted only once.
 */
export class SignpostClient {
  private readonly eventsUrl: string;
  private readonly authorization: string;
  private readonly attemptsMax: number;
  private readonly attemptTimeoutMs: number;
  private readonly retryDelayMsMax: number;
  private readonly fetch: typeof fetch;
  private readonly sleep: (timeMs: number) => Promise<unknown>;
  private readonly random: () => number;

  /** @throws TypeError when the base URL is not an http or https URL, or has a user, a query or a fragment */
  constructor(options: SignpostClientOptions) {
    const base = checkedUrl(options.baseUrl).href.replace(/\/+$/, '');
    this.eventsUrl = `${base}/api/v1/stores/${encodeURIComponent(options.store)}/events`;
    this.authorization = `Basic ${Buffer.from(`${options.key}:${options.secret}`).toString('base64')}`;
    this.attemptsMax = options.attemptsMax ?? ATTEMPTS_MAX;
    this.attemptTimeoutMs = options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS;
    this.retryDelayMsMax = options.retryDelayMsMax ?? RETRY_DELAY_MS_MAX;
    this.fetch = options.fetch ?? fetch;
    this.sleep = options.sleep ?? delay;
    this.random = options.random ?? Math.random;
  }

  /**
   * Publishes one event.
   *
   * @throws SignpostClientError when Signpost refuses the event, or cannot be reached in any of the attempts
   */
  async publish(
    type: string,
    data: EventData,
    options: PublishOptions & Pick<NewEvent, 'timestamp'> = {},
  ): Promise<PublishedEvent> {
    const { timestamp } = options;
    const event = timestamp === undefined ? { type, data } : { type, data, timestamp };
    return this.publishBody(eventJson(event), options);
  }

  /**
   * Publishes 1 to 100 events: all are accepted, or none.
   *
   * @returns the accepted events, in the order in which they were given
   * @throws SignpostClientError as {@link publish} does
   */
  async publishBatch(events: readonly NewEvent[], options: PublishOptions = {}): Promise<readonly PublishedEvent[]> {
    const body = `{"events":[${events.map(eventJson).join(',')}]}`;
    const answer = await this.post(`${this.eventsUrl}/batch`, body, options);
    return (answer as { data: PublishedEvent[] }).data;
  }

  /**
   * Publishes one event whose whole request body, `{"type":…,"data":…}`, is written already. Not a byte of it is changed.
   *
   * @throws SignpostClientError as {@link publish} does
   */
  async publishBody(json: string, options: PublishOptions = {}): Promise<PublishedEvent> {
    return (await this.post(this.eventsUrl, json, options)) as PublishedEvent;
  }

  private async post(url: string, body: string, options: PublishOptions): Promise<unknown> {
    const headers = {
      authorization: this.authorization,
      'content-type': 'application/json',
      'idempotency-key': checkedKey(options.idempotencyKey ?? randomUUID()),
    };
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.attempt(url, { method: 'POST', headers, body }, options.signal);
      if (outcome.kind === 'answered') return outcome.body;
      if (outcome.kind === 'refused' || attempt >= this.attemptsMax) throw outcome.error;
      const { retryAfter } = outcome;
      const waitMs = retryDelayMs({ attempt, retryAfter, nowMs: Date.now(), random: this.random });
      await abortable(this.sleep(Math.min(waitMs, this.retryDelayMsMax)), options.signal);
    }
  }

  private async attempt(url: string, request: RequestInit, signal: AbortSignal | undefined): Promise<Outcome> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(this.attemptTimeoutMs);
    let response: Response;
    let text: string;
    try {
      const both = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
      response = await this.fetch(url, { ...request, redirect: 'manual', signal: both });
      text = await response.text();
    } catch (cause) {
      signal?.throwIfAborted();
      return { kind: 'passing', error: unreachable(url, cause), retryAfter: null };
    }
    // A redirect is not followed, because it would take the credentials elsewhere. To try again would lead to the same redirect.
    if (isRedirect(response)) return { kind: 'refused', error: redirected(response) };
    if (!response.ok) {
      const error = SignpostClientError.ofAnswer(response.status, text);
      if (!PASSING_STATUSES.has(response.status)) return { kind: 'refused', error };
      return { kind: 'passing', error, retryAfter: response.headers.get('retry-after') };
    }
    return readAnswer(response.status, text);
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly error: SignpostClientError }
  | { readonly kind: 'passing'; readonly error: SignpostClientError; readonly retryAfter: string | null };

function readAnswer(status: number, text: string): Outcome {
  try {
    return { kind: 'answered', body: JSON.parse(text) };
  } catch {
    return { kind: 'refused', error: SignpostClientError.ofAnswer(status, text) };
  }
}

/** Refuses URLs with which every attempt would fail, such as `localhost:3000`, whose scheme is `localhost:`. */
function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isBare = url !== null && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (isBare && /^https?:$/.test(url.protocol)) return url;
  throw new TypeError('The base URL must begin with http:// or https://, and have no user, query or fragment.');
}

/** Refuses a key that no header can hold: the failed request would look as if Signpost did not answer. */
function checkedKey(key: string): string {
  if (IDEMPOTENCY_KEY.test(key)) return key;
  const error = {
    field: 'Idempotency-Key',
    rule: 'idempotency_key',
    message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  };
  throw new SignpostClientError(error.message, { code: 'validation_failed', status: null, fields: [error] });
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400;
}

function redirected({ status, headers }: Response): SignpostClientError {
  const message = `The answer was ${status}, a redirect to ${headers.get('location') ?? 'nowhere'}.`;
  return new SignpostClientError(message, { code: 'unexpected_answer', status });
}

function unreachable(url: string, cause: unknown): SignpostClientError {
  const { host } = new URL(url);
  return new SignpostClientError(`Signpost at ${host} does not answer.`, { code: 'unreachable', status: null, cause });
}

function eventJson({ type, data, timestamp }: NewEvent): string {
  const dataText = data instanceof RawJson ? data.text : JSON.stringify(data);
  const time = timestamp === undefined ? '' : `,"timestamp":${JSON.stringify(timestamp)}`;
  return `{"type":${JSON.stringify(type)}${time},"data":${dataText}}`;
}

/** Waits for work that cannot be ended, but rejects as soon as the signal aborts. */
function abortable(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
