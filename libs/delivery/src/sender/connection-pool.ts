import { types } from 'node:util';
import type { Socket } from 'node:net';
import { Client } from 'undici';
import { ConnectProgress, type ConnectPhases, type ConnectStage } from './connect-progress';
import type { Destination } from './destinations';
import type { ConnectTarget, GuardedConnector } from './guarded-connector';

export interface ConnectionPoolOptions {
  readonly connector: GuardedConnector;
  /** Limit for the names and values of all response headers together. */
  readonly responseHeaderBytesMax: number;
  /** Limit for idle connections to all origins together; beyond it, the connection that has been idle longest is closed. */
  readonly idleConnectionsMax: number;
  /** A connection that was opened longer ago than this is not used again, so that a change of DNS takes effect. */
  readonly connectionAgeMaxMs: number;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
}

/**
 * How long an idle connection is kept: shorter than common servers keep it (2 s and more), so that a server rarely closes a connection just
 * as a request is written to it. The server may have processed such a request, so it counts as a failed attempt and is not sent again.
 */
const IDLE_TIMEOUT_MS = 1_500;
/** How long at most an idle connection is kept whose server says how long it keeps it (`keep-alive: timeout=…`). */
const IDLE_TIMEOUT_ANNOUNCED_MAX_MS = 10_000;
/** How much earlier than the server announced the connection is closed. */
const IDLE_TIMEOUT_MARGIN_MS = 2_000;

/**
 * One undici client, which is one connection with one request at a time. The client connects when it has a request. If the idle connection
 * turns out to be closed before a byte of the request was written, the client connects again, through the guard as before. Once a byte of a
 * request was written, the request is never written again.
 */
export class Connection {
  readonly client: Client;
  /** How the connection was opened for the request in flight; `null` if it was open already. */
  private progress: ConnectProgress | null = null;
  private socket: Socket | null = null;
  private openedAtMs = 0;
  private busy = false;

  constructor(
    readonly origin: string,
    target: ConnectTarget,
    private readonly options: ConnectionPoolOptions,
  ) {
    this.client = new Client(origin, {
      connect: (_options, callback) => {
        this.open(target).then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(types.isNativeError(error) ? error : new Error(String(error)), null),
        );
      },
      pipelining: 1,
      maxHeaderSize: options.responseHeaderBytesMax,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      keepAliveMaxTimeout: IDLE_TIMEOUT_ANNOUNCED_MAX_MS,
      keepAliveTimeoutThreshold: IDLE_TIMEOUT_MARGIN_MS,
      // Each attempt has one timer of its own for everything.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Whether it has never been opened. */
  get isNew(): boolean {
    return this.socket === null;
  }

  get inUse(): boolean {
    return this.busy;
  }

  /** Whether it can take another request without being opened again. */
  isReusable(): boolean {
    if (this.socket === null || this.socket.destroyed) return false;
    return this.options.nowMs() - this.openedAtMs < this.options.connectionAgeMaxMs;
  }

  startUse(): void {
    this.busy = true;
    this.progress = null;
  }

  endUse(): void {
    this.busy = false;
  }

  /** How long the request in flight waited for each phase of opening the connection. */
  phases(): ConnectPhases {
    return this.progress?.phases() ?? { dnsMs: null, connectMs: null, tlsMs: null };
  }

  /** The present phase, while the connection is being opened. */
  connectStage(): ConnectStage {
    return this.progress?.stage ?? 'connect';
  }

  /** Closes it at once, whatever it is doing. */
  destroy(): void {
    this.busy = false;
    this.progress?.abandon(new Error('The connection is not needed any more.'));
    void this.client.destroy();
  }

  private async open(target: ConnectTarget): Promise<Socket> {
    const { connector, nowMs } = this.options;
    this.progress = new ConnectProgress(nowMs);
    const socket = await connector.connect(target, this.progress);
    this.socket = socket;
    this.openedAtMs = nowMs();
    return socket;
  }
}

/**
 * The open connections of a sender. As many are in use as there are requests in flight. Idle connections are bounded for all origins
 * together. Nothing is kept about an origin that has no connection.
 */
export class ConnectionPool {
  private readonly idleOfOrigin = new Map<string, Connection[]>();
  /** All idle connections, the one that has been idle longest first. */
  private readonly idle = new Set<Connection>();

  constructor(private readonly options: ConnectionPoolOptions) {}

  /** The idle connection to the origin that was used last, or a new connection. Only the caller uses it until it is released. */
  acquire(destination: Destination): Connection {
    const connection = this.takeIdle(destination.origin) ?? this.create(destination);
    connection.startUse();
    return connection;
  }

  /** Gives back a connection whose request ended with its response read to the end. */
  release(connection: Connection): void {
    connection.endUse();
    const stack = this.idleOfOrigin.get(connection.origin);
    if (stack === undefined) this.idleOfOrigin.set(connection.origin, [connection]);
    else stack.push(connection);
    this.idle.add(connection);
    if (this.idle.size <= this.options.idleConnectionsMax) return;
    for (const oldest of this.idle) {
      this.discard(oldest);
      return;
    }
  }

  /** Closes a connection, in use or idle. */
  discard(connection: Connection): void {
    if (this.idle.delete(connection)) {
      const stack = this.idleOfOrigin.get(connection.origin) ?? [];
      const index = stack.indexOf(connection);
      if (index !== -1) stack.splice(index, 1);
      if (stack.length === 0) this.idleOfOrigin.delete(connection.origin);
    }
    connection.destroy();
  }

  closeIdle(): void {
    for (const connection of [...this.idle]) this.discard(connection);
  }

  private takeIdle(origin: string): Connection | null {
    const stack = this.idleOfOrigin.get(origin);
    if (stack === undefined) return null;
    for (let connection = stack.pop(); connection !== undefined; connection = stack.pop()) {
      this.idle.delete(connection);
      if (stack.length === 0) this.idleOfOrigin.delete(origin);
      if (connection.isReusable()) return connection;
      connection.destroy();
    }
    return null;
  }

  private create(destination: Destination): Connection {
    const connection = new Connection(destination.origin, destination, this.options);
    // Closed by the server, or after its idle time. If it is in use, its client opens it again, or its request fails and discards it.
    connection.client.on('disconnect', () => {
      if (!connection.inUse) this.discard(connection);
    });
    return connection;
  }
}
