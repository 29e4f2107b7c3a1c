import { findOrInstallChromium } from './find-or-install-chromium';
import startServices from './start-services';

/** Jest's globalSetup of the browser tests: the servers, and in TEST_CHROMIUM where the browser is. */
export default async function startBrowserServices(): Promise<void> {
  process.env['TEST_CHROMIUM'] ??= await findOrInstallChromium(process.env);
  await startServices();
}
