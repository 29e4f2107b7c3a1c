import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { isPortFree } from '../../apps/cli/src/services/find-free-port';
import { eventually } from '../support/eventually';
import { SeverableProxy } from '../support/severable-proxy';
import { SignpostProcess } from '../support/signpost-process';
import { TEST_SETTINGS } from '../support/test-api';
import { createTestDatabase } from '../support/test-database';

/** 128 and the number of SIGTERM, as of a process that this ended; but it ended itself. */
const ENDED_AT_ONCE = { exitCode: 143, signal: null };
/** Its start included. A statement that nobody answers is given up only after half a minute. */
const ENDS_WITHIN_MS = 20_000;
const LISTENS = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/;

beforeAll(() => SignpostProcess.prepare(), 180_000);

/** Where a process is the first one of its container, a signal that it does not handle has no effect on it. */
describe('a process ends itself at once, by its own handling of SIGTERM,', () => {
  it.each(['api', 'worker'])('while the %s starts', async (app) => {
    const database = createServer().listen(0, '127.0.0.1');
    await once(database, 'listening');
    const url = `postgres://nobody@127.0.0.1:${(database.address() as AddressInfo).port}/hangs`;
    const connected = once(database, 'connection');
    const starting = SignpostProcess.start([app], { ...TEST_SETTINGS, DATABASE_URL: url, WORKER_PORT: '0' });
    const [socket] = (await connected) as [Socket];

    expect(await starting.stop('SIGTERM')).toMatchObject(ENDED_AT_ONCE);
    socket.destroy();
    database.close();
  });

  it('the second time, whatever is in flight', async () => {
    const database = await createTestDatabase();
    const settings = { ...TEST_SETTINGS, DATABASE_URL: database.url, SIGNPOST_LOG_LEVEL: 'info' };
    const api = SignpostProcess.start(['api'], settings);
    await api.says('takes requests');
    const port = Number(LISTENS.exec(api.output)?.[1]);
    const inFlight = connect(port, '127.0.0.1').on('error', () => undefined);
    inFlight.write('POST /api/v1/stores HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n');
    await once(inFlight, 'data');

    process.kill(api.pid, 'SIGTERM');
    await eventually(async () => expect(await isPortFree(port)).toBe(true));
    expect(await api.stop('SIGTERM')).toMatchObject(ENDED_AT_ONCE);
    await database.drop();
  });
});

it(
  'a worker ends soon after its grace period, though its database hangs, and says so',
  async () => {
    const database = await createTestDatabase();
    const proxy = await SeverableProxy.before(database.url);
    const settings = { ...TEST_SETTINGS, DATABASE_URL: proxy.url, WORKER_PORT: '0', SIGNPOST_LOG_LEVEL: 'info' };
    const worker = SignpostProcess.start(['worker'], { ...settings, SIGNPOST_SHUTDOWN_GRACE: '0' });
    await worker.says('takes jobs');
    proxy.hang();
    try {
      const stderr = expect.stringContaining('Closing took longer than 4 s');
      expect(await worker.stop('SIGTERM')).toMatchObject({ exitCode: 0, signal: null, stderr });
    } finally {
      await proxy.cut();
      await worker.end;
      await database.drop();
    }
  },
  ENDS_WITHIN_MS,
);
