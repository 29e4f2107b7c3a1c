import { attemptErrorSentence, type OutgoingRequest, type SendResult } from '@signpost/domain';
import type { Client, Dispatcher } from 'undici';
import type { AttemptFailure } from './attempt-failure';
import { ConnectionPool, type Connection } from './connection-pool';
import { type Destination, Destinations } from './destinations';
import type { EgressPolicy } from './egress-policy';
import { GuardedConnector } from './guarded-connector';
import { createHostLookup, type HostLookup } from './host-lookup';
import { SendAttempt } from './send-attempt';

export interface HttpSenderOptions {
  readonly policy: EgressPolicy;
  /** Limit for a whole attempt, response body included, in milliseconds. */
  readonly attemptTimeoutMs: number;
  /** Limit for resolving, connecting and the TLS handshake together, in milliseconds; 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** Reading a response body stops after this many bytes; the status then decides whether the attempt delivered. */
  readonly responseBytesReadMax: number;
  /** How many bytes of the body are returned at most. */
  readonly responseBytesKeptMax: number;
  /** Limit for the names and values of all response headers together. */
  readonly responseHeaderBytesMax: number;
  /** Resolves host names; the name servers of the system unless told. */
  readonly lookup?: HostLookup;
  /** PEM certificates that are trusted in place of Node's own list. */
  readonly trustedCertificates?: readonly string[];
  /** Limit for idle connections to all origins together; 1000 unless told. */
  readonly idleConnectionsMax?: number;
  /** How long a connection is used before a new one is opened and checked, in milliseconds; 60 s unless told. */
  readonly connectionAgeMaxMs?: number;
  /** A monotonic clock in milliseconds. */
  readonly nowMs?: () => number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_CONNECTIONS_MAX = 1_000;
const CONNECTION_AGE_MAX_MS = 60_000;

/** Headers that frame the message or belong to the connection. Only this sender sets them: those of a caller are left out. */
const OWN_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * POSTs to endpoints that nobody vouches for. Guarantees, whatever the endpoint does:
 * - it connects only where the policy allows, and to the very address that was checked (see `GuardedConnector`);
 * - `send` never throws or rejects, and ends within `attemptTimeoutMs`; a failure is returned as a code and a plain sentence;
 * - redirects are not followed, bodies are not decoded, and the bytes that are read and kept are bounded;
 * - once a byte of a request was written, the request is never written again.
 *
 * Idle connections are kept for a few seconds, and reused for requests to the same origin. Each was checked when it was opened, and takes
 * no new request after `connectionAgeMaxMs`, which bounds how long a change of DNS can go unnoticed.
 */
export class HttpSender {
  private readonly pool: ConnectionPool;
  private readonly destinations: Destinations;
  private readonly options: HttpSenderOptions & { readonly nowMs: () => number };
  private inFlight = 0;
  private onIdle: (() => void) | null = null;
  private closing: Promise<void> | null = null;

  constructor(options: HttpSenderOptions) {
    const nowMs = options.nowMs ?? (() => performance.now());
    this.options = { ...options, nowMs };
    this.destinations = new Destinations(options.policy);
    this.pool = new ConnectionPool({
      connector: new GuardedConnector({
        policy: options.policy,
        lookup: options.lookup ?? createHostLookup(),
        connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        ...(options.trustedCertificates === undefined ? {} : { trustedCertificates: options.trustedCertificates }),
      }),
      responseHeaderBytesMax: options.responseHeaderBytesMax,
      idleConnectionsMax: options.idleConnectionsMax ?? IDLE_CONNECTIONS_MAX,
      connectionAgeMaxMs: options.connectionAgeMaxMs ?? CONNECTION_AGE_MAX_MS,
      nowMs,
    });
  }

  /**
   * Sends one request and waits for the whole answer. The result is a `response` for any answer, whatever its status; otherwise it is an
   * `error`, with the part of the response that had arrived. Timings are whole milliseconds.
   */
  send(request: OutgoingRequest): Promise<SendResult> {
    if (this.closing !== null) {
      const message = attemptErrorSentence('unknown_error', { detail: 'the worker is stopping' });
      return Promise.resolve(notSent({ code: 'unknown_error', message }));
    }
    const destination = this.destinations.of(request.url);
    if (destination.kind === 'refused') return Promise.resolve(notSent(destination));
    return new Promise((resolve) => this.dispatch(destination, request, resolve));
  }

  /** Takes no more requests, waits for those in flight (each ends within the attempt's limit), then closes all connections. */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private dispatch(destination: Destination, request: OutgoingRequest, resolve: (result: SendResult) => void): void {
    const connection = this.pool.acquire(destination);
    this.inFlight++;
    const attempt = new SendAttempt(connection, destination.host, this.options, (result, used, reusable) => {
      this.giveBack(used, reusable);
      resolve(result);
    });
    const { body } = request;
    const headers = headersToSend(request.headers);
    const options = { path: destination.path, method: 'POST' as const, headers, body };
    // When undici refuses to send a request, for example because of an invalid header, it reports this to the attempt like any other error.
    if (connection.isNew) connection.client.dispatch(options, attempt);
    // Waits for one turn of the event loop: if the server has closed the connection already, this is seen before anything is written.
    else setImmediate(dispatchLater, connection.client, options, attempt);
  }

  private giveBack(connection: Connection, reusable: boolean): void {
    if (reusable && this.closing === null) this.pool.release(connection);
    else this.pool.discard(connection);
    this.inFlight--;
    if (this.inFlight === 0) this.onIdle?.();
  }

  private async finish(): Promise<void> {
    if (this.inFlight > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    this.pool.closeIdle();
  }
}

/** Names and values in turn: the form that costs undici the least time. */
function headersToSend(headers: OutgoingRequest['headers']): string[] {
  const list = ['accept-encoding', 'identity'];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !OWN_HEADERS.has(name.toLowerCase())) list.push(name, value);
  }
  return list;
}

function dispatchLater(client: Client, options: Dispatcher.DispatchOptions, attempt: SendAttempt): void {
  client.dispatch(options, attempt);
}

function notSent(why: AttemptFailure): SendResult {
  const timings = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 0 };
  return { kind: 'error', code: why.code, message: why.message, response: null, timings };
}
