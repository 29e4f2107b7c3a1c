import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { SignpostError } from '@signpost/domain';
import { errorCode } from '../services/error-code';
import { makeDirectories } from '../services/make-directories';

/**
 * Makes the data directory, unless it is there.
 *
 * @throws SignpostError `bad_configuration`: one line that names SIGNPOST_DATA_DIR
 */
export async function makeDataDir(dataDir: string): Promise<void> {
  if (existsSync(dataDir)) return;
  try {
    await makeDirectories(dataDir);
    // PostgreSQL's own user must pass through root's directory; secret files in it have mode 0600.
    await chmod(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
  } catch (cause) {
    const message = `SIGNPOST_DATA_DIR ${dataDir} cannot be made (${errorCode(cause) ?? String(cause)}).`;
    throw new SignpostError('bad_configuration', message, { cause });
  }
}
