import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'] as const;
const DEBIAN_PACKAGE = 'chromium-headless-shell';
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
/** Options of apt-get that let it wait while another installation is going on. */
const PATIENT = ['-o', 'DPkg::Lock::Timeout=120', '-y'];

/**
 * Finds a Chromium on PATH. If there is none, and root runs this on Debian or Ubuntu, installs its package.
 *
 * @returns the path of the program
 * @throws Error that says what to install
 */
export async function findOrInstallChromium(env: NodeJS.ProcessEnv): Promise<string> {
  const found = await findOnPath(NAMES, env);
  if (found !== undefined) return found;
  const reason = await install(env);
  const installed = reason === undefined ? await findOnPath(NAMES, env) : undefined;
  if (installed !== undefined) return installed;
  throw new Error(
    `The browser tests need a Chromium on PATH. Debian: "apt install ${DEBIAN_PACKAGE}"; others: Chromium or Chrome. ` +
      `Installing it did not work: ${reason ?? 'it is not on PATH afterwards'}.`,
  );
}

/** @returns why it could not be installed */
async function install(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if ((await findOnPath(['apt-get'], env)) === undefined) return 'this machine has no apt-get';
  if (process.getuid?.() !== 0) return 'only root can install packages';
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: OUTPUT_BYTES_MAX };
  try {
    // The update fails as a whole when one source cannot be reached, although the list with Chromium may have arrived.
    await run('apt-get', [...PATIENT, 'update'], options).catch(() => undefined);
    await run('apt-get', [...PATIENT, '--no-install-recommends', 'install', DEBIAN_PACKAGE], options);
    return undefined;
  } catch (error) {
    const lines = String(error).split('\n');
    return lines.find((line) => line.startsWith('E: ')) ?? lines[0];
  }
}

async function findOnPath(names: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const path of names.flatMap((name) => directories.map((directory) => join(directory, name)))) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}
