import { rm } from 'node:fs/promises';
import { forgetServices } from './test-services';

/** Jest's globalTeardown: stops what start-services started and removes its data. Called once per project, acts once. */
export default async function stopServices(): Promise<void> {
  const services = await forgetServices();
  for (const { stop, directories, callOff } of services?.stops ?? []) {
    await stop();
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
    callOff();
  }
}
