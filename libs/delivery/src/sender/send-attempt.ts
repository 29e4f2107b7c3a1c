import type { ReceivedResponse, SendResult } from '@signpost/domain';
import type { Dispatcher } from 'undici';
import { failure, failureOfError, failureOfTimeout, type AttemptFailure, type AttemptStage } from './attempt-failure';
import type { Connection } from './connection-pool';
import { ReceivedBody, type BodyLimits, type ResponseHeaders } from './received-body';

export interface SendAttemptOptions extends BodyLimits {
  /** Limit for the whole attempt, from resolving the name to the end of the body, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
}

/** Called exactly once. `reusable`: whether the response was read to its end, so that the connection can serve again. */
export type AttemptEnd = (result: SendResult, connection: Connection, reusable: boolean) => void;

/** How many 1xx answers may come before the final one: more than any chain of proxies would send. */
const INTERIM_RESPONSES_MAX = 16;

/** Statuses of answers that end with their headers, whatever `content-length` says (RFC 9112 §6.3). */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** One request on one connection: undici reports to it, its timer bounds it, and it ends once. */
export class SendAttempt implements Dispatcher.DispatchHandler {
  private readonly startedAtMs: number;
  private readonly timer: NodeJS.Timeout;
  private readonly received: ReceivedBody;
  private controller: Dispatcher.DispatchController | null = null;
  private sentAtMs = 0;
  private firstByteAtMs = 0;
  private statusCode = 0;
  private headers: ResponseHeaders = {};
  private interimResponses = 0;
  private ended = false;

  constructor(
    private readonly connection: Connection,
    private readonly host: string,
    private readonly options: SendAttemptOptions,
    private readonly onEnd: AttemptEnd,
  ) {
    this.startedAtMs = options.nowMs();
    this.timer = setTimeout(onTimeout, options.attemptTimeoutMs, this);
    this.received = new ReceivedBody(options);
  }

  /** The request is about to be written. It must not be written a second time: the endpoint may have processed it already. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.sentAtMs !== 0) this.fail(failure('connection_reset', this.host));
    this.sentAtMs = this.options.nowMs();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Dispatcher.ResponseData['headers'],
  ): void {
    if (this.ended) return;
    if (this.firstByteAtMs === 0) this.firstByteAtMs = this.options.nowMs();
    if (statusCode < 200) {
      if (++this.interimResponses <= INTERIM_RESPONSES_MAX) return;
      this.fail(failure('invalid_response', this.host, `more than ${INTERIM_RESPONSES_MAX} interim responses`));
      return;
    }
    this.statusCode = statusCode;
    // undici's type allows for headers without a value; headers that it has parsed always have one.
    this.headers = headers as ResponseHeaders;
    // undici would report an error, because the announced body does not come.
    if (BODILESS.has(statusCode) && Number(headers['content-length']) > 0) {
      this.end({ kind: 'response', response: this.response(), timings: this.timings() }, false);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.ended || this.received.add(chunk)) return;
    // More bytes have arrived than may be read: the status decides, and the connection is closed without reading the rest.
    this.end({ kind: 'response', response: this.response(), timings: this.timings() }, false);
  }

  onResponseEnd(): void {
    if (this.ended) return;
    this.end({ kind: 'response', response: this.response(), timings: this.timings() }, true);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.fail(failureOfError(error, this.stage(), this.host));
  }

  /** Ends the attempt as timed out, at whatever stage it is. */
  timeOut(): void {
    this.fail(failureOfTimeout(this.stage(), this.host, this.options.attemptTimeoutMs));
  }

  private stage(): AttemptStage {
    if (this.statusCode !== 0) return 'body';
    return this.sentAtMs !== 0 ? 'exchange' : this.connection.connectStage();
  }

  private fail(why: AttemptFailure): void {
    if (this.ended) return;
    const response = this.statusCode === 0 ? null : this.response();
    this.end({ kind: 'error', code: why.code, message: why.message, response, timings: this.timings() }, false);
  }

  private end(result: SendResult, reusable: boolean): void {
    this.ended = true;
    clearTimeout(this.timer);
    if (!reusable) this.controller?.abort(new Error('The attempt has ended.'));
    this.onEnd(result, this.connection, reusable);
  }

  private response(): ReceivedResponse {
    const { body, bodyTruncated } = this.received.finish(this.headers);
    return { statusCode: this.statusCode, headers: this.headers, body, bodyTruncated };
  }

  /** In whole milliseconds. The wait for the first byte counts from the moment at which the request was about to be written. */
  private timings(): SendResult['timings'] {
    const { dnsMs, connectMs, tlsMs } = this.connection.phases();
    return {
      dnsMs: rounded(dnsMs),
      connectMs: rounded(connectMs),
      tlsMs: rounded(tlsMs),
      firstByteMs: this.firstByteAtMs === 0 ? null : Math.round(this.firstByteAtMs - this.sentAtMs),
      totalMs: Math.round(this.options.nowMs() - this.startedAtMs),
    };
  }
}

function onTimeout(attempt: SendAttempt): void {
  attempt.timeOut();
}

function rounded(timeMs: number | null): number | null {
  return timeMs === null ? null : Math.round(timeMs);
}
