import { findOrInstallChromium } from './find-or-install-chromium';
import startServices from './start-services';

/** Jest's globalSetup of the browser tests: starts the servers, and sets TEST_CHROMIUM to the path of the browser. */
export default async function startBrowserServices(): Promise<void> {
  process.env['TEST_CHROMIUM'] ??= await findOrInstallChromium(process.env);
  await startServices();
}
