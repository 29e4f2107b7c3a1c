import { z } from 'zod';
import {
  anyText,
  byteSize,
  duration,
  networks,
  oneOf,
  origin,
  retrySchedule,
  secretText,
  trueOrFalse,
  url,
  wholeNumber,
} from './setting-types';

interface Definition {
  /** The text that applies when the setting is missing or empty; null when there is none. */
  readonly default: string | null;
  /** One or two sentences in Markdown, for the README. */
  readonly description: string;
  readonly schema: z.ZodType<unknown, string | undefined>;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The one place where a setting is written down: the schema and the README's table are made from it. */
const definitions = {
  DATABASE_URL: {
    default: null,
    description: 'PostgreSQL 14 or later: `postgres://user:password@host:5432/name`. **Required.**',
    schema: url(['postgres', 'postgresql']),
  },
  SIGNPOST_DATABASE_DIRECT_URL: {
    default: null,
    description:
      'The same PostgreSQL past the pooler, if `DATABASE_URL` leads to one: for migrations, retention, and the queue where it lives in ' +
      'PostgreSQL.',
    schema: url(['postgres', 'postgresql']).optional(),
  },
  REDIS_URL: {
    default: null,
    description: 'Redis for the queue: `redis://` or `rediss://`. Without it the queue lives in PostgreSQL.',
    schema: url(['redis', 'rediss']).optional(),
  },
  SIGNPOST_REDIS_CLUSTER: {
    default: 'false',
    description: '`REDIS_URL` is a node of a Redis Cluster; the others are found through it.',
    schema: trueOrFalse(),
  },
  SIGNPOST_OPERATOR_TOKEN: {
    default: null,
    description: 'The bearer token that may do everything, at least 16 visible ASCII characters. **Required.**',
    schema: secretText(16),
  },
  SIGNPOST_ENCRYPTION_KEYS: {
    default: null,
    description:
      'The key ring that secrets at rest are encrypted with: `id:base64,id2:base64`, 32 bytes each; the first encrypts. ' +
      '**Required**, here or as a file.',
    schema: anyText().optional(),
  },
  SIGNPOST_ENCRYPTION_KEYS_FILE: {
    default: null,
    description: 'A file that holds the key ring instead. Its mode must be 0600, except on Windows.',
    schema: anyText().optional(),
  },
  SIGNPOST_HOST: {
    default: '127.0.0.1',
    description: 'The address that API and worker listen on; `0.0.0.0` for all.',
    schema: anyText(),
  },
  PORT: {
    default: '3000',
    description: 'Port of the API and the dashboard; 0 takes a free one.',
    schema: wholeNumber(0, 65_535),
  },
  SIGNPOST_PUBLIC_URL: {
    default: null,
    description:
      'Where people reach the dashboard: `https://signpost.example.com`. With `https://`, cookies are for HTTPS alone. ' +
      'Set it in production.',
    schema: origin().optional(),
  },
  SIGNPOST_OIDC_ISSUER: {
    default: null,
    description:
      'An OpenID Connect provider that people may sign in with; needs a client id, a client secret and `SIGNPOST_PUBLIC_URL`. ' +
      'Its redirect URI is `/api/v1/openid/callback/openid` there.',
    schema: url(['https', 'http']).optional(),
  },
  SIGNPOST_OIDC_CLIENT_ID: {
    default: null,
    description: 'The client id that the provider gave.',
    schema: anyText().optional(),
  },
  SIGNPOST_OIDC_CLIENT_SECRET: {
    default: null,
    description: 'The client secret that the provider gave.',
    schema: anyText().optional(),
  },
  SIGNPOST_OIDC_NAME: {
    default: 'Single sign-on',
    description: 'What the provider is called on the sign-in page.',
    schema: anyText(),
  },
  WORKER_PORT: {
    default: '3001',
    description: 'Port of the worker’s health checks and metrics; 0 takes a free one.',
    schema: wholeNumber(0, 65_535),
  },
  SIGNPOST_DATA_DIR: {
    default: '.data',
    description: 'Where the embedded PostgreSQL and generated keys are kept.',
    schema: anyText(),
  },
  SIGNPOST_DATABASE_POOL: {
    default: '10',
    description: 'Connections to PostgreSQL per process.',
    schema: wholeNumber(1, 500),
  },
  SIGNPOST_EGRESS_ALLOW: {
    default: '',
    description: 'Private networks that webhooks may point to, in CIDR notation: `10.1.0.0/16,fd00::/8`.',
    schema: networks(),
  },
  SIGNPOST_HTTPS_ONLY: {
    default: 'false',
    description: 'Refuse webhook URLs that begin with `http://`. Set it in production.',
    schema: trueOrFalse(),
  },
  SIGNPOST_RETRY_SCHEDULE: {
    default: '0,5s,5m,30m,2h,5h,10h,14h,20h,24h',
    description:
      'The delay before each attempt (± 20 %); as many attempts as entries. The first is made at once, whatever its entry says.',
    schema: retrySchedule(),
  },
  SIGNPOST_ATTEMPT_TIMEOUT: {
    default: '15s',
    description: 'How long one attempt may take in all, from name resolution to the last byte of the answer.',
    schema: duration('100ms', '5m'),
  },
  SIGNPOST_DISABLE_AFTER: {
    default: '5d',
    description: 'A webhook that has failed for this long, without one success, is disabled.',
    schema: duration('1s', '90d'),
  },
  SIGNPOST_BREAKER_THRESHOLD: {
    default: '10',
    description: 'Consecutive failures after which a webhook’s circuit breaker opens.',
    schema: wholeNumber(1, 1_000_000),
  },
  SIGNPOST_WEBHOOK_CONCURRENCY: {
    default: '32',
    description: 'Requests in flight per webhook and worker.',
    schema: wholeNumber(1, 10_000),
  },
  SIGNPOST_WORKER_CONCURRENCY: {
    default: '512',
    description:
      'Requests in flight per worker to webhooks that answer; beside them up to two and a quarter times as many to those that are flooded, new or in trouble. Requests that take longer than a second are not counted.',
    schema: wholeNumber(1, 100_000),
  },
  SIGNPOST_LANE_CAPACITY: {
    default: '1000',
    description: 'Deliveries that wait in memory per webhook and worker; more wait in PostgreSQL.',
    schema: wholeNumber(1, 1_000_000),
  },
  SIGNPOST_WORKER_CAPACITY: {
    default: '10000',
    description: 'Deliveries in memory per worker; more wait in PostgreSQL.',
    schema: wholeNumber(1, 10_000_000),
  },
  SIGNPOST_LEASE: {
    default: '10s',
    description: 'How long a delivery belongs to a worker that stopped renewing it: the delay after a crash.',
    schema: duration('100ms', '1h'),
  },
  SIGNPOST_SWEEP_INTERVAL: {
    default: '3s',
    description: 'How often the sweep looks for what a crash left behind.',
    schema: duration('100ms', '1h'),
  },
  SIGNPOST_SHUTDOWN_GRACE: {
    default: '20s',
    description: 'How long a stopping process may finish what is in flight.',
    schema: duration('0', '1h'),
  },
  SIGNPOST_RETENTION_DAYS: {
    default: '30',
    description: 'Days that events, deliveries and attempts are kept.',
    schema: wholeNumber(1, 3_650),
  },
  SIGNPOST_PAYLOAD_DAYS: {
    default: null,
    description: 'Days that payloads are kept; at most, and by default, as long as the rest.',
    schema: wholeNumber(1, 3_650).optional(),
  },
  SIGNPOST_BODY_BYTES_MAX: {
    default: '1mb',
    description: 'The largest request body that the API reads; `b`, `kb` or `mb`.',
    schema: byteSize(1_024, 64 * 1_048_576),
  },
  SIGNPOST_REQUEST_TIMEOUT: {
    default: '30s',
    description: 'How long a caller of the API may take to send a request, its body included.',
    schema: duration('1s', '10m'),
  },
  SIGNPOST_RATE_LIMIT_PER_KEY: {
    default: '0',
    description:
      'Requests per second, on all API processes together, that a key without its own limit may make; 0: none.',
    schema: wholeNumber(0, 1_000_000),
  },
  SIGNPOST_TRUSTED_PROXIES: {
    default: '',
    description:
      'Networks of the proxies in front of the API, in CIDR notation. Only their `X-Forwarded-For` says where a request comes from.',
    schema: networks(1),
  },
  SIGNPOST_LOG_LEVEL: {
    default: 'info',
    description: `One of ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    schema: oneOf(LOG_LEVELS),
  },
} as const satisfies Record<string, Definition>;

type Definitions = typeof definitions;
export type SettingName = keyof Definitions;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One setting as people see it. */
export interface Setting {
  readonly name: SettingName;
  /** The text that applies when the setting is missing; null when nothing does. */
  readonly defaultText: string | null;
  /** Markdown. */
  readonly description: string;
}

/** Every setting that Signpost reads from the environment, in the order of the README. */
export const SETTINGS: readonly Setting[] = Object.freeze(
  (Object.keys(definitions) as SettingName[]).map((name) => {
    const { default: defaultText, description } = definitions[name];
    return Object.freeze({ name, defaultText, description });
  }),
);

/** Reads all settings at once; every problem is an issue whose path is the setting's name. */
export const SETTINGS_SCHEMA = z.object(
  Object.fromEntries(Object.entries(definitions).map(([name, { schema }]) => [name, schema])) as {
    [Name in SettingName]: Definitions[Name]['schema'];
  },
);

export type SettingValues = z.infer<typeof SETTINGS_SCHEMA>;

/** The README's table of settings, in Markdown, without a line break at its end. */
export function renderSettingsTable(): string {
  const rows = SETTINGS.map(({ name, defaultText, description }) => {
    const shown = defaultText === null || defaultText === '' ? '' : `\`${defaultText}\``;
    return `| \`${name}\` | ${shown} | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| Setting | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
