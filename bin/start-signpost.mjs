import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';
import { runChild } from './run-child.mjs';

/**
 * Installs and builds what is missing or stale, then runs the command line as a child until it ends, and ends with its exit code. The child
 * runs in the project's root. INIT_CWD names the directory in which the person called it, as under npm.
 */
export async function startSignpost(args) {
  let exitCode = await prepare().catch((error) => {
    console.error(`Installing and building is not possible: ${error.message}`);
    return 1;
  });
  if (exitCode === 0) {
    const main = join(ROOT, 'dist', 'apps', 'cli', 'src', 'main.js');
    exitCode = await runChild(process.execPath, [main, ...args], {
      cwd: ROOT,
      env: { INIT_CWD: process.cwd(), ...process.env },
      stdio: 'inherit',
    });
  }
  process.exitCode = exitCode;
}
