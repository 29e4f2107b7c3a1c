import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkPortUse } from './check-machine';

describe('checkPortUse', () => {
  it.each([
    ['something else', 'Not found', 'End what listens there'],
    ['another Signpost', '{"checks":{}}', 'End the other Signpost that listens there'],
  ])('says once what to do about a port where %s listens', async (_who, answer, advice) => {
    const host = '127.0.0.1';
    const server = createServer((_request, response) => response.end(answer)).listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const finding = await checkPortUse('PORT', { host, port, workerPort: 0 }, false);
    server.closeAllConnections();
    server.close();
    expect(finding).toEqual({
      kind: 'bad',
      text: `PORT ${port} is in use on ${host}`,
      advice: `${advice}, or set PORT to another port.`,
    });
  });
});
