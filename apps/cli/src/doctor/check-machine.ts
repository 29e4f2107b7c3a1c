import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SignpostError } from '@signpost/domain';
import type { Config } from '@signpost/config';
import { localUrl } from '../local/local-url';
import { errorCode } from '../services/error-code';
import { checkPort } from '../up/check-port';
import { bad, type Finding, good } from './finding';

const GIGABYTE = 1_000_000_000;
const FREE_BYTES_MIN = GIGABYTE;
const ANSWER_MS_MAX = 2_000;

/** Signpost needs a Node.js that loads ES modules by require: 20.19, 22.12 or newer. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 23;
  return isSupported ? good(`Node.js ${version}`) : bad(`Node.js ${version}`, 'Install Node.js 20.19, 22.12 or newer.');
}

/** Is there room for events, deliveries and attempts where the data are? */
export async function checkDisk(dataDir: string): Promise<Finding> {
  let directory = dataDir;
  while (!existsSync(directory)) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const text = `Disk: ${((bavail * bsize) / GIGABYTE).toFixed(1)} GB free for ${dataDir}`;
  if (bavail * bsize >= FREE_BYTES_MIN) return good(text);
  return bad(text, 'Make room, set SIGNPOST_RETENTION_DAYS lower, or move SIGNPOST_DATA_DIR.');
}

/**
 * Is the port free, or is it Signpost that listens there?
 *
 * @param mayBeOurs - whether a Signpost that listens there can be the one that is checked; any other one blocks the port
 */
export async function checkPortUse(
  portSetting: 'PORT' | 'WORKER_PORT',
  { host, port, workerPort }: Pick<Config['http'], 'host' | 'port' | 'workerPort'>,
  mayBeOurs: boolean,
): Promise<Finding> {
  const number = portSetting === 'PORT' ? port : workerPort;
  try {
    await checkPort({ portSetting, port: number, host });
    return good(number === 0 ? `${portSetting} 0: a free one is taken` : `${portSetting} ${number} is free on ${host}`);
  } catch (error) {
    if (!(error instanceof SignpostError)) throw error;
    const isInUse = errorCode(error.cause) === 'EADDRINUSE';
    if (!isInUse) return bad(error.publicMessage, 'Change it, or unset it for its default.');
    const listens = await isSignpost(host, number);
    if (listens && mayBeOurs) return good(`${portSetting} ${number}: Signpost listens there`);
    const who = listens ? 'the other Signpost that' : 'what';
    return bad(
      `${portSetting} ${number} is in use on ${host}`,
      `End ${who} listens there, or set ${portSetting} to another port.`,
    );
  }
}

async function isSignpost(host: string, port: number): Promise<boolean> {
  try {
    const response = await fetch(`${localUrl(host, port)}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return (await response.text()).includes('"checks":');
  } catch {
    return false;
  }
}
