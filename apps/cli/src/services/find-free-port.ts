import { once } from 'node:events';
import { createServer } from 'node:net';

/** The only address that embedded services listen on: nothing outside this machine can reach them. */
export const LOOPBACK = '127.0.0.1';

/**
 * Asks the system for a TCP port on 127.0.0.1 that nobody listens on.
 * Somebody else may take it before the caller does: callers retry with another one.
 */
export async function findFreePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === undefined) throw new Error('The system has no free TCP port on 127.0.0.1.');
  return port;
}

/** Tells whether a server could listen on this TCP port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

/** Listens for a moment and returns the port, or nothing when it is taken or not permitted. */
async function listenOnce(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host: LOOPBACK });
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
