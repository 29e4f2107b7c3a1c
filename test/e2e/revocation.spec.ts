import { createApiKey, type ShownApiKey } from '../support/admin-objects';
import { SignpostProcess } from '../support/signpost-process';
import { startTestApi, TEST_SETTINGS, type TestApi } from '../support/test-api';
import { basic, TestClient } from '../support/test-client';
import { expectStatus } from '../support/test-system';
import { findFreePort } from '../../apps/cli/src/services/find-free-port';

/** Two API processes that share a database and nothing else: there is no channel between them that could be down. */
describe('what is changed by one API process', () => {
  let here: TestApi;
  let elsewhere: SignpostProcess;
  let elsewhereUrl: string;

  beforeAll(async () => {
    await SignpostProcess.prepare();
    here = await startTestApi();
    const port = await findFreePort();
    elsewhereUrl = `http://127.0.0.1:${port}`;
    elsewhere = SignpostProcess.start(['api'], {
      ...TEST_SETTINGS,
      SIGNPOST_LOG_LEVEL: 'info',
      DATABASE_URL: here.database.url,
      PORT: String(port),
    });
    await elsewhere.says('The API takes requests.');
    await expectStatus(201, here.operator.post('/api/v1/stores', { key: 'acme', name: 'Acme' }));
  });
  afterAll(async () => {
    await elsewhere.stop('SIGTERM');
    await here.close();
  });

  const path = '/api/v1/stores/acme';
  /** What the other process answers: to reading, and to publishing, for which it remembers callers. */
  const elsewhereFor = async (apiKey: { key: string; secret: string }) => {
    const client = new TestClient(elsewhereUrl, basic(apiKey));
    const published = await client.post(`${path}/events`, { type: 'order.create', data: {} });
    return [(await client.get(`${path}/events`)).status, published.status];
  };

  it.each([
    ['a key that is deleted', 'DELETE', '', undefined, [401, 401]],
    ['a key that is switched off', 'PATCH', '', { activated: false }, [401, 401]],
    ['a permission that is taken away', 'PATCH', '', { permissions: ['orders:read'] }, [200, 403]],
    ['a secret that is rotated without overlap', 'POST', '/rotate-secret', { overlapSeconds: 0 }, [401, 401]],
    ['a network that is taken away', 'PATCH', '', { allowedCidrs: ['203.0.113.0/24'] }, [403, 403]],
  ])('holds on the next request to another: %s', async (_name, method, at, body, statuses) => {
    const apiKey: ShownApiKey = await createApiKey(here, path, { permissions: ['orders:read', 'orders:write'] });
    expect(await elsewhereFor(apiKey)).toEqual([200, 202]);
    expect(await elsewhereFor(apiKey)).toEqual([200, 202]);
    const request = body === undefined ? {} : { body };
    expect((await here.operator.send(method, `${path}/api-keys/${apiKey.id}${at}`, request)).status).toBeLessThan(300);
    expect(await elsewhereFor(apiKey)).toEqual(statuses);
  });
});
