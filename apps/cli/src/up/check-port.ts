import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenFailureLine, type StartSettings } from '@signpost/config';
import { SignpostError } from '@signpost/domain';

/**
 * Makes sure, before anything else is started, that a port can be listened on.
 *
 * @throws SignpostError `bad_configuration`: one line that names the setting and its value
 */
export async function checkPort(settings: Omit<StartSettings, 'databaseUrl'>): Promise<void> {
  const server = createServer();
  try {
    server.listen({ port: settings.port, host: settings.host });
    await once(server, 'listening');
  } catch (error) {
    const line = listenFailureLine(error, settings);
    throw line === null ? error : new SignpostError('bad_configuration', line, { cause: error });
  }
  server.close();
  await once(server, 'close');
}
