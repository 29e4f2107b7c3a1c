import { findFreePort } from '../../apps/cli/src/services/find-free-port';
import { createApiKey, createStore, type ShownApiKey, type ShownProblem } from '../support/admin-objects';
import { SignpostProcess } from '../support/signpost-process';
import { startTestApi, TEST_SETTINGS, type TestApi } from '../support/test-api';
import { basic, TestClient } from '../support/test-client';

/** Two API processes that share a database and nothing else. */
describe('the rate limit of a key', () => {
  let here: TestApi;
  let elsewhere: SignpostProcess;
  let elsewhereUrl: string;
  let store: string;

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
    store = await createStore(here, 'acme');
  });
  afterAll(async () => {
    await elsewhere.stop('SIGTERM');
    await here.close();
  });

  /** Asks both processes at once. @returns how many calls were let through, of how many that a bucket of that size may let through */
  async function flood(apiKey: ShownApiKey, rateLimit: number, callsEach: number) {
    const clients = [here.url, elsewhereUrl].map((url) => new TestClient(url, basic(apiKey)));
    const beganMs = performance.now();
    const answers = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: callsEach }, () => client.get<ShownProblem>('/api/v1/event-types')),
      ),
    );
    const tookSeconds = (performance.now() - beganMs) / 1_000;
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(2 * callsEach);
    for (const { body, headers } of refused) {
      expect([body.code, headers.get('retry-after')]).toEqual(['rate_limited', '1']);
    }
    return { passed: 2 * callsEach - refused.length, passedMax: rateLimit * (1 + tookSeconds) };
  }

  it.each([
    [3, 30],
    [100, 200],
  ])('holds for all API processes together: %i requests per second', async (rateLimit, callsEach) => {
    const apiKey = await createApiKey(here, store, { rateLimit });
    const { passed, passedMax } = await flood(apiKey, rateLimit, callsEach);
    expect(passed).toBeGreaterThanOrEqual(rateLimit);
    expect(passed).toBeLessThanOrEqual(passedMax);
  });

  it('is asked of PostgreSQL for some requests at a time, and for none of a key without a limit', async () => {
    const takes = async () => {
      const [row] = await here.sql<{ count: number }>(
        `SELECT pg_stat_get_tuples_updated('api_key_permits'::regclass)::int AS count`,
      );
      return row?.count ?? 0;
    };
    const [limited, free] = [await createApiKey(here, store, { rateLimit: 10_000 }), await createApiKey(here, store)];
    const before = await takes();
    expect((await flood(free, Infinity, 50)).passed).toBe(100);
    expect((await flood(limited, 10_000, 50)).passed).toBe(100);
    await here.sql('SELECT pg_stat_force_next_flush()');
    // One process asks once for all of these, unless what it had taken grew old meanwhile.
    expect((await takes()) - before).toBeLessThan(50);
  });
});
