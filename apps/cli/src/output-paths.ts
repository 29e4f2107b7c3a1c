import { open } from 'node:fs/promises';
import { errorCode } from './services/error-code';
import { makeDirectories } from './services/make-directories';
import { UsageError } from './usage-error';

/** Makes a directory that a command writes into. @throws UsageError when it cannot be made */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeDirectories(path);
  } catch (error) {
    throw new UsageError(`The directory ${path} cannot be made (${errorCode(error) ?? String(error)}).`);
  }
}

/**
 * Makes sure that a file can be written, before a command works for minutes and writes to it at the end. What the file holds is kept until
 * then.
 *
 * @throws UsageError when it cannot be written
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    await (await open(path, 'a')).close();
  } catch (error) {
    throw new UsageError(`The file ${path} cannot be written (${errorCode(error) ?? String(error)}).`);
  }
}
