import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SignpostError } from '@signpost/domain';
import { errorCode } from '../services/error-code';
import { giveToOwnerOf } from '../services/postgres-home';

/** Reads a file, or nothing when there is none. @throws SignpostError when it may not be read */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
}

/**
 * Reads a file, or makes it, readable for its owner alone (0600). When several processes make it at once, one succeeds, and all read its
 * text.
 */
export async function readOrCreate(path: string, create: () => string): Promise<string> {
  const existing = await readIfThere(path);
  if (existing !== undefined) return existing.trim();
  const unfinished = await writeAside(path, `${create()}\n`);
  try {
    // The link appears with its whole content, or not at all when another process has made the file.
    await link(unfinished, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw unusable(path, error);
  } finally {
    await rm(unfinished, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

/** Replaces a file, for its owner alone (0600): whoever reads it sees the old text or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await rename(await writeAside(path, text), path);
}

async function writeAside(path: string, text: string): Promise<string> {
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(unfinished, text, { mode: 0o600 });
    await giveToOwnerOf(dirname(path), unfinished);
    return unfinished;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): SignpostError {
  const message = `SIGNPOST_DATA_DIR: ${path} cannot be used (${errorCode(cause) ?? String(cause)}).`;
  return new SignpostError('bad_configuration', message, { cause });
}
