import { SignpostError } from '@signpost/domain';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from './load-config';
import { SETTINGS } from './settings';

const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const TOKEN = 'operator-token-of-20';
const DATABASE_URL = 'postgres://signpost:s3cretpw@db.internal:5432/signpost';
const least = { DATABASE_URL, SIGNPOST_OPERATOR_TOKEN: TOKEN, SIGNPOST_ENCRYPTION_KEYS: KEYS };

function problems(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (!(error instanceof SignpostError)) throw error;
    expect(error.code).toBe('bad_configuration');
    const lines = error.fields.map(({ message }) => message);
    expect(error.message.split('\n').slice(1)).toEqual(lines.map((line) => `- ${line}`));
    return lines;
  }
  return [];
}

describe('loadConfig', () => {
  it('needs a database, an operator token and keys, and has a default for everything else', () => {
    const { security, ...rest } = loadConfig(least);
    expect(security.operatorToken).toBe(TOKEN);
    expect(security.keyRing.primaryId).toBe('k1');
    expect(rest).toEqual({
      http: {
        host: '127.0.0.1',
        port: 3_000,
        workerPort: 3_001,
        publicUrl: null,
        trustedProxies: [],
        bodyBytesMax: 1_048_576,
        requestTimeoutMs: 30_000,
        rateLimitPerKey: null,
      },
      openId: null,
      database: { url: DATABASE_URL, directUrl: DATABASE_URL, poolSize: 10 },
      redis: null,
      egress: { allow: [], httpsOnly: false },
      delivery: {
        scheduleMs: [0, 5e3, 3e5, 18e5, 72e5, 18e6, 36e6, 504e5, 72e6, 864e5],
        attemptTimeoutMs: 15_000,
        disableAfterMs: 432_000_000,
        breakerThreshold: 10,
        webhookConcurrency: 32,
        workerConcurrency: 512,
        laneCapacity: 1_000,
        workerCapacity: 10_000,
        leaseMs: 10_000,
        sweepIntervalMs: 3_000,
      },
      retention: { days: 30, payloadDays: 30 },
      shutdownGraceMs: 20_000,
      dataDir: resolve('.data'),
      logLevel: 'info',
    });
  });

  it('reads every setting', () => {
    const config = loadConfig({
      ...least,
      REDIS_URL: 'rediss://:pw@redis.internal:6380/2',
      SIGNPOST_HOST: '0.0.0.0',
      PORT: '8080',
      WORKER_PORT: '0',
      SIGNPOST_DATA_DIR: '/var/lib/signpost',
      SIGNPOST_EGRESS_ALLOW: '10.1.0.0/16, fd00::/8 ,192.0.2.7',
      SIGNPOST_HTTPS_ONLY: 'true',
      SIGNPOST_RETRY_SCHEDULE: '500ms, 2s',
      SIGNPOST_ATTEMPT_TIMEOUT: '750ms',
      SIGNPOST_DISABLE_AFTER: '12h',
      SIGNPOST_RETENTION_DAYS: '90',
      SIGNPOST_PAYLOAD_DAYS: '7',
      SIGNPOST_BODY_BYTES_MAX: '512kb',
      SIGNPOST_LOG_LEVEL: 'debug',
      SIGNPOST_DATABASE_POOL: '25',
      SIGNPOST_RATE_LIMIT_PER_KEY: '200',
      SIGNPOST_SHUTDOWN_GRACE: '0',
    });
    expect(config).toMatchObject({
      http: { host: '0.0.0.0', port: 8_080, workerPort: 0, bodyBytesMax: 524_288, rateLimitPerKey: 200 },
      database: { poolSize: 25 },
      redis: { url: 'rediss://:pw@redis.internal:6380/2', isCluster: false },
      egress: { allow: ['10.1.0.0/16', 'fd00::/8', '192.0.2.7/32'], httpsOnly: true },
      delivery: { scheduleMs: [500, 2_000], attemptTimeoutMs: 750, disableAfterMs: 43_200_000 },
      retention: { days: 90, payloadDays: 7 },
      shutdownGraceMs: 0,
      dataDir: '/var/lib/signpost',
      logLevel: 'debug',
    });
  });

  it('lists every problem at once, one line per setting', () => {
    expect(
      problems({ PORT: 'http', SIGNPOST_HTTPS_ONLY: 'yes', SIGNPOST_LEASE: '10', SIGNPOST_OPERATOR_TOKEN: 'short' }),
    ).toEqual([
      'DATABASE_URL is required.',
      'SIGNPOST_OPERATOR_TOKEN must have at least 16 characters, all of them visible ASCII, without spaces.',
      'PORT must be a whole number from 0 to 65535.',
      'SIGNPOST_HTTPS_ONLY must be true or false.',
      'SIGNPOST_LEASE must be a duration such as 250ms, 15s, 5m, 2h or 5d, from 100ms to 1h.',
      'SIGNPOST_ENCRYPTION_KEYS is required, or SIGNPOST_ENCRYPTION_KEYS_FILE instead.',
    ]);
  });

  it('takes an empty or blank variable as missing', () => {
    expect(loadConfig({ ...least, REDIS_URL: '', PORT: '  ', SIGNPOST_PAYLOAD_DAYS: '' })).toEqual(loadConfig(least));
    expect(problems({ ...least, DATABASE_URL: ' ' })).toEqual(['DATABASE_URL is required.']);
  });

  it('takes REDIS_URL for a node of a cluster when told so', () => {
    const url = 'redis://redis.internal:7000';
    const { redis } = loadConfig({ ...least, REDIS_URL: url, SIGNPOST_REDIS_CLUSTER: 'true' });
    expect(redis).toEqual({ url, isCluster: true });
  });

  it('refuses a cluster without an address, and with a database, of which a cluster has but one', () => {
    const cluster = { ...least, SIGNPOST_REDIS_CLUSTER: 'true' };
    expect(problems(cluster)).toEqual(['REDIS_URL is required with SIGNPOST_REDIS_CLUSTER.']);
    expect(problems({ ...cluster, REDIS_URL: 'redis://redis/2' })).toEqual([
      'REDIS_URL must not name a database with SIGNPOST_REDIS_CLUSTER: a cluster has but one.',
    ]);
    expect(problems({ ...cluster, REDIS_URL: 'redis://redis/0' })).toEqual([]);
  });

  it.each([
    ['DATABASE_URL', 'mysql://signpost:s3cretpw@db/signpost'],
    ['DATABASE_URL', 's3cretpw'],
    ['REDIS_URL', 'http://:s3cretpw@redis'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['PORT', '0x10'],
    ['SIGNPOST_EGRESS_ALLOW', '10.0.0.0/33'],
    ['SIGNPOST_EGRESS_ALLOW', '10.0.0.0/8,'],
    ['SIGNPOST_EGRESS_ALLOW', '10.0.0.0/'],
    ['SIGNPOST_EGRESS_ALLOW', 'fd00::/129'],
    ['SIGNPOST_EGRESS_ALLOW', 'fe80::1%eth0/64'],
    ['SIGNPOST_EGRESS_ALLOW', 'internal.example.com'],
    ['SIGNPOST_HTTPS_ONLY', 'TRUE'],
    ['SIGNPOST_RETRY_SCHEDULE', '0,0'],
    ['SIGNPOST_RETRY_SCHEDULE', '0,,5s'],
    ['SIGNPOST_RETRY_SCHEDULE', '0,5'],
    ['SIGNPOST_RETRY_SCHEDULE', '31d'],
    ['SIGNPOST_RETRY_SCHEDULE', Array(51).fill('1s').join(',')],
    ['SIGNPOST_ATTEMPT_TIMEOUT', '0'],
    ['SIGNPOST_ATTEMPT_TIMEOUT', '1.5s'],
    ['SIGNPOST_ATTEMPT_TIMEOUT', '6m'],
    ['SIGNPOST_WEBHOOK_CONCURRENCY', '0'],
    ['SIGNPOST_RETENTION_DAYS', '0'],
    ['SIGNPOST_PAYLOAD_DAYS', '31'],
    ['SIGNPOST_BODY_BYTES_MAX', '1gb'],
    ['SIGNPOST_BODY_BYTES_MAX', '1000'],
    ['SIGNPOST_BODY_BYTES_MAX', '65mb'],
    ['SIGNPOST_LOG_LEVEL', 'verbose'],
    ['SIGNPOST_ENCRYPTION_KEYS', 's3cretpw'],
  ])('refuses %s=%s with one line that names it and does not quote it', (name, value) => {
    const lines = problems({ ...least, [name]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${name} .*\\.$`));
    expect(lines[0]).not.toContain('s3cretpw');
  });

  it('is frozen, groups and lists included', () => {
    const config = loadConfig({ ...least, SIGNPOST_EGRESS_ALLOW: '10.0.0.0/8' });
    for (const part of [config, config.http, config.delivery, config.delivery.scheduleMs, config.egress.allow]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('reads nothing but the settings in its table', () => {
    const read = new Set<string>();
    const env = new Proxy<NodeJS.ProcessEnv>(least, {
      get: (target, name) => (read.add(String(name)), target[String(name)]),
    });
    loadConfig(env);
    expect([...read].sort()).toEqual(SETTINGS.map(({ name }) => name as string).sort());
  });
});

describe('SIGNPOST_ENCRYPTION_KEYS_FILE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signpost-config-'));
  const file = join(folder, 'keys');
  const withFile = { DATABASE_URL, SIGNPOST_OPERATOR_TOKEN: TOKEN, SIGNPOST_ENCRYPTION_KEYS_FILE: file };

  beforeEach(() => {
    writeFileSync(file, `${KEYS}\n`);
    chmodSync(file, 0o600);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('stands for the keys themselves', () => {
    expect(loadConfig(withFile).security.keyRing.primaryId).toBe('k1');
  });

  it.each([0o640, 0o604, 0o644, 0o620])('is refused with mode %o', (mode) => {
    chmodSync(file, mode);
    expect(problems(withFile)).toEqual([
      'SIGNPOST_ENCRYPTION_KEYS_FILE is not usable. The key file must be its owner’s alone: set its mode to 0600.',
    ]);
  });

  it('is refused when it is missing, a folder, or holds no keys', () => {
    expect(problems({ ...withFile, SIGNPOST_ENCRYPTION_KEYS_FILE: join(folder, 'none') })).toEqual([
      'SIGNPOST_ENCRYPTION_KEYS_FILE is not usable. The key file cannot be opened.',
    ]);
    expect(problems({ ...withFile, SIGNPOST_ENCRYPTION_KEYS_FILE: folder })).toEqual([
      'SIGNPOST_ENCRYPTION_KEYS_FILE is not usable. The key file is not a file.',
    ]);
    writeFileSync(file, 'nothing');
    expect(problems(withFile)[0]).toContain('Entry 1 of the key ring must be id:base64');
  });

  it('is refused beside the keys themselves', () => {
    expect(problems({ ...withFile, SIGNPOST_ENCRYPTION_KEYS: KEYS })).toEqual([
      'SIGNPOST_ENCRYPTION_KEYS must not be set together with SIGNPOST_ENCRYPTION_KEYS_FILE.',
    ]);
  });
});
