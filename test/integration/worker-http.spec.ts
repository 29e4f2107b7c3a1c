import { loadConfig } from '@signpost/config';
import { startWorker } from '../../apps/worker/src/start-worker';
import type { ShownProblem } from '../support/admin-objects';
import { eventually } from '../support/eventually';
import { SeverableProxy } from '../support/severable-proxy';
import { startTestApi, TEST_SETTINGS } from '../support/test-api';
import { TestClient } from '../support/test-client';
import { TestSystem } from '../support/test-system';

const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** `scrape_timeout`, by default. */
const PROMETHEUS_WAITS_MS = 10_000;
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

describe('what a worker answers by HTTP', () => {
  let redis: SeverableProxy;
  let system: TestSystem;
  let client: TestClient;

  beforeAll(async () => {
    redis = await SeverableProxy.before(process.env['TEST_REDIS_URL'] ?? '');
    system = await TestSystem.start('redis', { REDIS_URL: redis.url });
    client = new TestClient(system.workerUrl, null);
  });
  afterAll(async () => {
    await system.stop();
    await redis.cut();
  });

  it.each([
    ['an address that it has not', 'GET', '/nope?timeout=5', 404, 'not_found'],
    ['an address with a body, which it has not', 'POST', '/api/v1/stores', 404, 'not_found'],
    ['another method', 'POST', '/healthz', 405, 'method_not_allowed'],
    ['another method, with a query', 'DELETE', '/readyz?a=b', 405, 'method_not_allowed'],
    ['an address that cannot be decoded', 'GET', '/%ZZ/timeout', 400, 'validation_failed'],
  ])('is a problem for %s', async (_what, method, path, status, code) => {
    const answer = await client.send<ShownProblem>(method, path, method === 'POST' ? { body: '{"cut":' } : {});
    expect(answer.headers.get('content-type')).toBe(PROBLEM_TYPE);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      type: `urn:signpost:problem:${code}`,
      title: expect.any(String) as string,
      status,
      detail: expect.any(String) as string,
      code,
      instance: expect.stringMatching(UUID) as string,
    });
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'GET, HEAD' : null);
  });

  it.each(['/healthz', '/readyz', '/metrics'])('is the head alone for HEAD %s', async (path) => {
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
    const answer = await client.send('HEAD', path, {});
    expect([answer.status, answer.text]).toEqual([200, '']);
    const unknown = await client.send('HEAD', `${path}/nope`, {});
    expect([unknown.status, unknown.headers.get('content-type'), unknown.text]).toEqual([404, PROBLEM_TYPE, '']);
  });

  it('is that it is ready while database and queue answer, and a problem that says which does not', async () => {
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
    expect((await client.get('/readyz')).body).toEqual({ status: 'ready', checks: { database: 'up', queue: 'up' } });
    await redis.cut();
    const unready = await client.get<ShownProblem>('/readyz');
    expect(unready.headers.get('content-type')).toBe(PROBLEM_TYPE);
    expect(unready.headers.get('cache-control')).toBe('no-store');
    expect(unready.headers.get('retry-after')).toBe('2');
    expect(unready).toMatchObject({
      status: 503,
      body: { status: 503, code: 'unavailable', checks: { database: 'up', queue: 'down' } },
    });
    expect((await client.get('/healthz')).body).toEqual({ status: 'ok' });
    await redis.mend();
    await eventually(async () => expect((await client.get('/readyz')).status).toBe(200));
  });
});

it('tells its metrics while the database hangs, before Prometheus gives up on it', async () => {
  const api = await startTestApi();
  const database = await SeverableProxy.before(api.database.url);
  const settings = { ...TEST_SETTINGS, DATABASE_URL: database.url, WORKER_PORT: '0', SIGNPOST_SHUTDOWN_GRACE: '0' };
  const worker = await startWorker(loadConfig(settings));
  database.hang();

  const answer = await fetch(`${worker.url}/metrics`, { signal: AbortSignal.timeout(PROMETHEUS_WAITS_MS) });

  expect(await answer.text()).toMatch(/^signpost_requests_in_flight 0$/m);
  await database.cut();
  await worker.close();
  await api.close();
});
