import type { KeyRing } from '@signpost/domain';
import type { LogLevel } from './settings';

/** The whole configuration of a process: read once at boot, complete, checked and frozen. */
export interface Config {
  readonly http: {
    readonly host: string;
    /** The API's port; 0 takes a free one. */
    readonly port: number;
    /** The port of the worker's health checks and metrics; 0 takes a free one. */
    readonly workerPort: number;
    /** Where people reach the dashboard, without a slash at its end; null: the address that each request names. */
    readonly publicUrl: string | null;
    readonly bodyBytesMax: number;
    /** How long a caller may take to send a request, its body included. */
    readonly requestTimeoutMs: number;
    /** Requests per second and API key; null sets no limit. */
    readonly rateLimitPerKey: number | null;
    /** Networks of proxies whose `X-Forwarded-For` is believed, each as `address/prefix`. */
    readonly trustedProxies: readonly string[];
  };
  readonly database: {
    /** Holds a password: never log it. */
    readonly url: string;
    /** Leads past the pooler, if there is one, so that each connection is a session of its own. Holds a password, too. */
    readonly directUrl: string;
    readonly poolSize: number;
  };
  /** Null: the queue lives in PostgreSQL. */
  readonly redis: {
    /** May hold a password: never log it. */
    readonly url: string;
    /** The server there is a node of a Redis Cluster. */
    readonly isCluster: boolean;
  } | null;
  readonly security: {
    readonly operatorToken: string;
    readonly keyRing: KeyRing;
  };
  /** Null: people sign in with a password alone. */
  readonly openId: {
    readonly name: string;
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  } | null;
  readonly egress: {
    /** Private networks that may be connected to, each as `address/prefix`. */
    readonly allow: readonly string[];
    readonly httpsOnly: boolean;
  };
  readonly delivery: {
    /** Delay before each attempt. */
    readonly scheduleMs: readonly number[];
    readonly attemptTimeoutMs: number;
    readonly disableAfterMs: number;
    readonly breakerThreshold: number;
    /** Requests in flight per webhook and worker. */
    readonly webhookConcurrency: number;
    /** Requests in flight per worker. */
    readonly workerConcurrency: number;
    /** Deliveries queued in memory per webhook and worker. */
    readonly laneCapacity: number;
    /** Deliveries in memory per worker. */
    readonly workerCapacity: number;
    readonly leaseMs: number;
    readonly sweepIntervalMs: number;
  };
  readonly retention: {
    readonly days: number;
    /** At most `days`. */
    readonly payloadDays: number;
  };
  readonly shutdownGraceMs: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly logLevel: LogLevel;
}
