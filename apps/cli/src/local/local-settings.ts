import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, loadConfig, type SettingName } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import { makeDataDir } from './make-data-dir';
import { readOrCreate } from './private-file';

type Environment = NodeJS.ProcessEnv;

/** Where the operator token comes from: set in the environment, or made by Signpost and kept in a file. */
export type OperatorTokenPlace = { readonly kind: 'environment' } | { readonly kind: 'file'; readonly path: string };

/** An environment in which nothing but DATABASE_URL may still be missing. */
export interface LocalSettings {
  readonly env: Environment;
  readonly operatorToken: string;
  readonly operatorTokenPlace: OperatorTokenPlace;
}

/** The demo's receiver listens on this machine, which webhooks may not reach unless a setting allows it. */
const LOOPBACK_NETWORKS = '127.0.0.0/8,::1/128';

/** The value of a setting; an empty one counts as missing. */
export function settingOf(env: Environment, name: SettingName): string | undefined {
  return env[name]?.trim() || undefined;
}

/**
 * Checks every setting that a person made, before anything is started or written. Settings that Signpost makes itself get stand-ins.
 *
 * @returns the configuration, in which the stand-ins (database, operator token, keys that are not made yet) are not to be used
 * @throws SignpostError `bad_configuration` that names each setting that is wrong
 */
export function checkSettings(env: Environment): Config {
  const keyFile = keyFileIn(settingOf(env, 'SIGNPOST_DATA_DIR') ?? '.data');
  try {
    return loadConfig({
      ...env,
      DATABASE_URL: settingOf(env, 'DATABASE_URL') ?? 'postgres://localhost/stand-in',
      SIGNPOST_OPERATOR_TOKEN: settingOf(env, 'SIGNPOST_OPERATOR_TOKEN') ?? 'a-stand-in-and-no-token',
      ...(hasKeys(env) ? {} : keptOrNewKeys(keyFile)),
    });
  } catch (error) {
    throw hasKeys(env) ? error : namingKeyFile(error, keyFile);
  }
}

function keptOrNewKeys(keyFile: string): Environment {
  return existsSync(keyFile) ? { SIGNPOST_ENCRYPTION_KEYS_FILE: keyFile } : { SIGNPOST_ENCRYPTION_KEYS: newKeyRing() };
}

/** Names the file in the data directory instead of the setting, which nobody made: the file has to be fixed. */
function namingKeyFile(error: unknown, keyFile: string): unknown {
  if (!(error instanceof SignpostError)) return error;
  const named = (text: string): string => text.replace('SIGNPOST_ENCRYPTION_KEYS_FILE', keyFile);
  const fields = error.fields.map((field) => ({ ...field, message: named(field.message) }));
  return new SignpostError(error.code, named(error.publicMessage), { fields, cause: error });
}

/**
 * Adds the settings that a start on one machine needs and that nobody made: an operator token and a key ring, made once and kept in the
 * data directory; webhooks to this machine are allowed; the worker listens on any port.
 *
 * @throws SignpostError `bad_configuration` when the data directory cannot be used
 */
export async function completeSettings(env: Environment, dataDir: string): Promise<LocalSettings> {
  const keysAreSet = hasKeys(env);
  const keyFile = keyFileIn(dataDir);
  if (!keysAreSet) await keptIn(dataDir, keyFile, newKeyRing);
  const { operatorToken, operatorTokenPlace } = await operatorTokenOf(env, dataDir);
  return {
    env: {
      ...env,
      ...(keysAreSet ? {} : { SIGNPOST_ENCRYPTION_KEYS_FILE: keyFile }),
      SIGNPOST_OPERATOR_TOKEN: operatorToken,
      SIGNPOST_DATA_DIR: dataDir,
      SIGNPOST_EGRESS_ALLOW: settingOf(env, 'SIGNPOST_EGRESS_ALLOW') ?? LOOPBACK_NETWORKS,
      WORKER_PORT: settingOf(env, 'WORKER_PORT') ?? '0',
    },
    operatorToken,
    operatorTokenPlace,
  };
}

async function operatorTokenOf(
  env: Environment,
  dataDir: string,
): Promise<Pick<LocalSettings, 'operatorToken' | 'operatorTokenPlace'>> {
  const operatorToken = settingOf(env, 'SIGNPOST_OPERATOR_TOKEN');
  if (operatorToken !== undefined) return { operatorToken, operatorTokenPlace: { kind: 'environment' } };
  const path = join(dataDir, 'operator-token');
  const created = await keptIn(dataDir, path, () => randomBytes(32).toString('base64url'));
  return { operatorToken: created, operatorTokenPlace: { kind: 'file', path } };
}

/** @returns what a file in the data directory holds; file and directory are made when they are missing */
async function keptIn(dataDir: string, path: string, create: () => string): Promise<string> {
  await makeDataDir(dataDir);
  return readOrCreate(path, create);
}

function keyFileIn(dataDir: string): string {
  return join(dataDir, 'encryption-keys');
}

function hasKeys(env: Environment): boolean {
  return (settingOf(env, 'SIGNPOST_ENCRYPTION_KEYS') ?? settingOf(env, 'SIGNPOST_ENCRYPTION_KEYS_FILE')) !== undefined;
}

/** A key ring with one new key. The id of the key is unique, so that a database that knows other keys can say which one is missing. */
function newKeyRing(): string {
  return `local-${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64')}`;
}
