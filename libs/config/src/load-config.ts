import { parseKeyRing, SignpostError, type KeyRing } from '@signpost/domain';
import { resolve } from 'node:path';
import type { Config } from './config';
import { readKeyFile } from './read-key-file';
import { SETTINGS, SETTINGS_SCHEMA, type SettingName, type SettingValues } from './settings';

/** A setting and the rule that it breaks; together they make a sentence. */
interface Problem {
  readonly setting: SettingName;
  readonly rule: string;
}

/**
 * Reads the configuration from environment variables (and from the key file that they may name). An empty variable counts
 * as missing, because that is how compose files and shells leave one out.
 *
 * @throws SignpostError `bad_configuration` that lists every problem at once, one line and one field per setting, and
 *   never quotes a value.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const texts = Object.fromEntries(
    SETTINGS.map(({ name, defaultText }) => [name, env[name]?.trim() || (defaultText ?? undefined)]),
  );
  const problems: Problem[] = [];
  const result = SETTINGS_SCHEMA.safeParse(texts);
  if (!result.success) {
    problems.push(
      ...result.error.issues.map(({ path, message }) => ({ setting: path[0] as SettingName, rule: message })),
    );
  }
  const keyRing = loadKeyRing(texts, problems);
  if (result.success) checkTogether(result.data, problems);
  if (!result.success || keyRing === null || problems.length > 0) throw badConfiguration(problems);
  return freeze(toConfig(result.data, keyRing));
}

function loadKeyRing(texts: { readonly [name: string]: string | undefined }, problems: Problem[]): KeyRing | null {
  const { SIGNPOST_ENCRYPTION_KEYS: text, SIGNPOST_ENCRYPTION_KEYS_FILE: file } = texts;
  if ((text === undefined) === (file === undefined)) {
    const rule =
      text === undefined
        ? 'is required, or SIGNPOST_ENCRYPTION_KEYS_FILE instead'
        : 'must not be set together with SIGNPOST_ENCRYPTION_KEYS_FILE';
    problems.push({ setting: 'SIGNPOST_ENCRYPTION_KEYS', rule });
    return null;
  }
  try {
    return parseKeyRing(text ?? readKeyFile(file ?? ''));
  } catch (error) {
    if (!(error instanceof SignpostError)) throw error;
    const setting = text === undefined ? 'SIGNPOST_ENCRYPTION_KEYS_FILE' : 'SIGNPOST_ENCRYPTION_KEYS';
    problems.push({ setting, rule: `is not usable. ${error.publicMessage}` });
    return null;
  }
}

const OPENID_NEEDS = ['SIGNPOST_PUBLIC_URL', 'SIGNPOST_OIDC_CLIENT_ID', 'SIGNPOST_OIDC_CLIENT_SECRET'] as const;

/** The rules that span several settings. */
function checkTogether(values: SettingValues, problems: Problem[]): void {
  const { SIGNPOST_PAYLOAD_DAYS: payloadDays, SIGNPOST_RETENTION_DAYS: days } = values;
  if (payloadDays !== undefined && payloadDays > days) {
    problems.push({ setting: 'SIGNPOST_PAYLOAD_DAYS', rule: 'must not be more than SIGNPOST_RETENTION_DAYS' });
  }
  if (values.SIGNPOST_REDIS_CLUSTER) checkCluster(values.REDIS_URL, problems);
  if (values.SIGNPOST_OIDC_ISSUER === undefined) return;
  for (const setting of OPENID_NEEDS) {
    if (values[setting] === undefined) problems.push({ setting, rule: 'is required with SIGNPOST_OIDC_ISSUER' });
  }
}

function checkCluster(redisUrl: string | undefined, problems: Problem[]): void {
  if (redisUrl === undefined) {
    problems.push({ setting: 'REDIS_URL', rule: 'is required with SIGNPOST_REDIS_CLUSTER' });
  } else if (!/^\/?0?$/.test(new URL(redisUrl).pathname)) {
    const rule = 'must not name a database with SIGNPOST_REDIS_CLUSTER: a cluster has but one';
    problems.push({ setting: 'REDIS_URL', rule });
  }
}

function badConfiguration(problems: readonly Problem[]): SignpostError {
  const fields = problems.map(({ setting, rule }) => ({
    field: setting,
    rule: rule.startsWith('is required') ? 'required' : 'invalid',
    message: `${setting} ${rule}${rule.endsWith('.') ? '' : '.'}`,
  }));
  const lines = fields.map(({ message }) => `- ${message}`);
  return new SignpostError('bad_configuration', ['The configuration is not valid:', ...lines].join('\n'), { fields });
}

function toConfig(values: SettingValues, keyRing: KeyRing): Config {
  const retentionDays = values.SIGNPOST_RETENTION_DAYS;
  return {
    http: {
      host: values.SIGNPOST_HOST,
      port: values.PORT,
      workerPort: values.WORKER_PORT,
      publicUrl: values.SIGNPOST_PUBLIC_URL ?? null,
      bodyBytesMax: values.SIGNPOST_BODY_BYTES_MAX,
      requestTimeoutMs: values.SIGNPOST_REQUEST_TIMEOUT,
      rateLimitPerKey: values.SIGNPOST_RATE_LIMIT_PER_KEY === 0 ? null : values.SIGNPOST_RATE_LIMIT_PER_KEY,
      trustedProxies: values.SIGNPOST_TRUSTED_PROXIES,
    },
    database: {
      url: values.DATABASE_URL,
      directUrl: values.SIGNPOST_DATABASE_DIRECT_URL ?? values.DATABASE_URL,
      poolSize: values.SIGNPOST_DATABASE_POOL,
    },
    redis: values.REDIS_URL === undefined ? null : { url: values.REDIS_URL, isCluster: values.SIGNPOST_REDIS_CLUSTER },
    security: { operatorToken: values.SIGNPOST_OPERATOR_TOKEN, keyRing },
    openId: openIdOf(values),
    egress: { allow: values.SIGNPOST_EGRESS_ALLOW, httpsOnly: values.SIGNPOST_HTTPS_ONLY },
    delivery: {
      scheduleMs: values.SIGNPOST_RETRY_SCHEDULE,
      attemptTimeoutMs: values.SIGNPOST_ATTEMPT_TIMEOUT,
      disableAfterMs: values.SIGNPOST_DISABLE_AFTER,
      breakerThreshold: values.SIGNPOST_BREAKER_THRESHOLD,
      webhookConcurrency: values.SIGNPOST_WEBHOOK_CONCURRENCY,
      workerConcurrency: values.SIGNPOST_WORKER_CONCURRENCY,
      laneCapacity: values.SIGNPOST_LANE_CAPACITY,
      workerCapacity: values.SIGNPOST_WORKER_CAPACITY,
      leaseMs: values.SIGNPOST_LEASE,
      sweepIntervalMs: values.SIGNPOST_SWEEP_INTERVAL,
    },
    retention: { days: retentionDays, payloadDays: values.SIGNPOST_PAYLOAD_DAYS ?? retentionDays },
    shutdownGraceMs: values.SIGNPOST_SHUTDOWN_GRACE,
    dataDir: resolve(values.SIGNPOST_DATA_DIR),
    logLevel: values.SIGNPOST_LOG_LEVEL,
  };
}

function openIdOf(values: SettingValues): Config['openId'] {
  const {
    SIGNPOST_OIDC_ISSUER: issuer,
    SIGNPOST_OIDC_CLIENT_ID: clientId,
    SIGNPOST_OIDC_CLIENT_SECRET: clientSecret,
  } = values;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  return { name: values.SIGNPOST_OIDC_NAME, issuer, clientId, clientSecret };
}

function freeze(config: Config): Config {
  for (const group of Object.values(config)) Object.freeze(group);
  return Object.freeze(config);
}
