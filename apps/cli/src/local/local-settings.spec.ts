import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import { checkSettings, completeSettings } from './local-settings';

const DATABASE_URL = 'postgres://signpost@127.0.0.1/signpost';
const TOKEN = 'a token of the test';
const KEYS = `mine:${Buffer.alloc(32, 3).toString('base64')}`;

describe('completeSettings', () => {
  let base: string;
  let dataDir: string;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'signpost-settings-'));
    dataDir = join(base, 'deep', 'data');
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('makes whatever a process needs beside a database', async () => {
    const { env, operatorToken } = await completeSettings({}, dataDir);
    const config = loadConfig({ ...env, DATABASE_URL });
    expect(config.security.operatorToken).toBe(operatorToken);
    expect(config.security.keyRing.primaryId).toMatch(/^local-[0-9a-f]{8}$/);
    expect(config.egress.allow).toEqual(['127.0.0.0/8', '::1/128']);
    expect(config.http).toMatchObject({ port: 3_000, workerPort: 0 });
    expect(config.dataDir).toBe(dataDir);
  });

  it('keeps it, for its owner alone', async () => {
    const first = await completeSettings({}, dataDir);
    const keys = await readFile(join(dataDir, 'encryption-keys'), 'utf8');
    expect(await completeSettings({}, dataDir)).toEqual(first);
    expect(await readFile(join(dataDir, 'encryption-keys'), 'utf8')).toBe(keys);
    expect((await readdir(dataDir)).sort()).toEqual(['encryption-keys', 'operator-token']);
    for (const file of await readdir(dataDir)) expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o066).toBe(0);
  });

  it('agrees with itself when two starts make it at once', async () => {
    const both = await Promise.all([completeSettings({}, dataDir), completeSettings({}, dataDir)]);
    expect(both[0]).toEqual(both[1]);
  });

  it('makes nothing that was set', async () => {
    const set = {
      SIGNPOST_OPERATOR_TOKEN: TOKEN,
      SIGNPOST_ENCRYPTION_KEYS: KEYS,
      SIGNPOST_EGRESS_ALLOW: '10.0.0.0/8',
      WORKER_PORT: '3001',
    };
    const { env, operatorTokenPlace } = await completeSettings(set, dataDir);
    expect(env).toMatchObject(set);
    expect(env['SIGNPOST_ENCRYPTION_KEYS_FILE']).toBeUndefined();
    expect(operatorTokenPlace).toEqual({ kind: 'environment' });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('makes the data directory for the one thing that was not set', async () => {
    await completeSettings({ SIGNPOST_ENCRYPTION_KEYS: KEYS }, dataDir);
    expect(await readdir(dataDir)).toEqual(['operator-token']);
  });

  it.each(['/dev/null', '/dev/null/data', '/proc/data'])(
    'says of %s that it is no data directory',
    async (unusable) => {
      const making = completeSettings({}, unusable);
      await expect(making).rejects.toBeInstanceOf(SignpostError);
      await expect(making).rejects.toThrow(/^SIGNPOST_DATA_DIR/);
    },
  );
});

describe('checkSettings', () => {
  it('misses nothing that `up` makes itself', () => {
    expect(checkSettings({ PORT: '4000' }).http.port).toBe(4_000);
  });

  it('names the key file of the data directory when it is that which cannot be used, and not a setting that nobody made', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'signpost-settings-'));
    const keyFile = join(dataDir, 'encryption-keys');
    await writeFile(keyFile, KEYS, { mode: 0o644 });
    expect(() => checkSettings({ SIGNPOST_DATA_DIR: dataDir })).toThrow(`${keyFile} is not usable.`);
    expect(() => checkSettings({ SIGNPOST_ENCRYPTION_KEYS_FILE: keyFile })).toThrow('SIGNPOST_ENCRYPTION_KEYS_FILE');
    await rm(dataDir, { recursive: true });
  });

  it('refuses what is wrong, also of what `up` would make', () => {
    expect(() => checkSettings({ SIGNPOST_OPERATOR_TOKEN: 'short' })).toThrow('SIGNPOST_OPERATOR_TOKEN');
    expect(() => checkSettings({ DATABASE_URL: 'mysql://x' })).toThrow('DATABASE_URL');
    expect(() => checkSettings({ SIGNPOST_ENCRYPTION_KEYS: 'x' })).toThrow('SIGNPOST_ENCRYPTION_KEYS');
    expect(() => checkSettings({ SIGNPOST_ENCRYPTION_KEYS: KEYS, SIGNPOST_ENCRYPTION_KEYS_FILE: 'x' })).toThrow(
      'together',
    );
  });
});
