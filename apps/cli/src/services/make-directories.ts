import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './error-code';

/**
 * Makes a directory, and those above it that are missing, one after the other: Node.js's own `recursive` never ends where a directory
 * exists but takes no new one, as in /proc.
 *
 * @throws the system's error about the first one that cannot be made
 */
export async function makeDirectories(path: string): Promise<void> {
  const parent = dirname(path);
  if (!existsSync(parent)) await makeDirectories(parent);
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
