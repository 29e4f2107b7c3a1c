import { SignpostError } from '@signpost/domain';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

const OTHERS_MASK = 0o077;

/**
 * Reads a file that holds a key ring. The mode is checked on the opened file, so that it is that of the file that is read, even if another
 * file takes its path in between.
 *
 * @throws SignpostError `bad_configuration` when it cannot be read, or when anybody but its owner may read or write it.
 */
export function readKeyFile(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new SignpostError('bad_configuration', 'The key file cannot be opened.', { cause });
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new SignpostError('bad_configuration', 'The key file is not a file.');
    if (process.platform !== 'win32' && (stat.mode & OTHERS_MASK) !== 0) {
      throw new SignpostError('bad_configuration', 'The key file must be its owner’s alone: set its mode to 0600.');
    }
    return readFileSync(descriptor, 'utf8').trim();
  } finally {
    closeSync(descriptor);
  }
}
