import { Client } from 'pg';
import {
  createApiKey,
  createStore,
  createWebhook,
  PUBLIC_URL,
  type ShownPage,
  type ShownProblem,
  type ShownWebhook,
} from '../support/admin-objects';
import { startTestApi, type TestApi } from '../support/test-api';

let api: TestApi;
let store: string;
let webhooks: string;
let apiKeyId: string;

beforeAll(async () => {
  api = await startTestApi({ settings: { SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
  store = await createStore(api, 'acme');
  webhooks = `${store}/webhooks`;
  apiKeyId = (await createApiKey(api, store)).id;
});
afterAll(() => api.close());

const patch = async (id: string, change: object) =>
  (await api.operator.patch<ShownWebhook>(`${webhooks}/${id}`, change)).body;

/** Takes away the due times, so that a new one can be told. */
const settleGates = () => api.sql('UPDATE gates SET due_at = NULL');

const refusal = async (input: object) => {
  const request = { url: PUBLIC_URL, events: ['order.create'], ...input };
  const { status, body } = await api.operator.post<ShownProblem>(webhooks, request);
  return [status, ...(body.errors ?? []).map(({ field, rule }) => `${field}: ${rule}`)];
};

describe('creating a webhook', () => {
  it('shows it complete, signed with the oldest active key of the store, and never a secret', async () => {
    await createApiKey(api, store);
    const answer = await api.operator.post<ShownWebhook>(webhooks, {
      url: PUBLIC_URL,
      events: ['order.create', 'webhook.disabled', 'order.create'],
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^whk_[0-9a-z]{26}$/) as string,
      url: PUBLIC_URL,
      events: ['order.create', 'webhook.disabled'],
      description: '',
      apiKeyId,
      rateLimit: null,
      enabled: true,
      status: 'active',
      disabledReason: null,
      disabledAt: null,
      disabledAdvice: null,
      health: {
        consecutiveFailures: 0,
        openUntil: null,
        failingSince: null,
        nextDueAt: null,
        last24Hours: { attempts: 0, delivered: 0, failedAttempts: 0, failed: 0, averageDurationMs: null },
      },
      createdAt: expect.any(String) as string,
      updatedAt: expect.any(String) as string,
    });
    expect((await api.operator.get(`${webhooks}/${answer.body.id}`)).body).toEqual(answer.body);
    expect((await api.operator.get<ShownPage<ShownWebhook>>(webhooks)).body.data[0]).toEqual(answer.body);
  });

  it('needs a key that could sign', async () => {
    const empty = await createStore(api, 'keyless');
    await createApiKey(api, empty, { activated: false });
    const request = { url: PUBLIC_URL, events: ['order.create'] };
    const answer = await api.operator.post<ShownProblem>(`${empty}/webhooks`, request);
    expect([answer.status, answer.body.code]).toEqual([409, 'no_active_api_key']);
  });

  it('takes no key of another store, no more than one that does not exist', async () => {
    const foreign = await createApiKey(api, await createStore(api, 'foreign'));
    const unknown = [400, 'apiKeyId: unknown_api_key'];
    expect(await refusal({ apiKeyId: foreign.id })).toEqual(unknown);
    expect(await refusal({ apiKeyId: 'key_00000000000000000000000000' })).toEqual(unknown);
    expect(await refusal({ apiKeyId: 'nonsense' })).toEqual(unknown);
    expect(await refusal({ apiKeyId: 'nonsense', events: [] })).toEqual([400, 'events: array_min_size', unknown[1]]);
  });

  it.each([
    ['ftp://example.com/', 'url: invalid_url'],
    ['example.com', 'url: invalid_url'],
    ['https://user:secret@example.com/', 'url: invalid_url'],
    ['https://exa mple.com/', 'url: invalid_url'],
    [`https://example.com/${'x'.repeat(2_048)}`, 'url: invalid_url'],
    ['https://example.com/\ud800', 'url: text'],
    ['http://10.0.0.1/', 'url: forbidden_address'],
    ['http://169.254.169.254/latest/meta-data', 'url: forbidden_address'],
    ['http://[::ffff:10.0.0.1]/', 'url: forbidden_address'],
    ['http://0x0a000001/', 'url: forbidden_address'],
  ])('refuses the address %s', async (url, error) => {
    const [status, ...errors] = await refusal({ url });
    expect(status).toBe(400);
    expect(errors).toContain(error);
  });

  it('names a forbidden address beside whatever else is wrong', async () => {
    const input = { url: 'http://169.254.169.254/', events: ['nope'], rateLimit: 0, colour: 'red' };
    expect(new Set(await refusal(input))).toEqual(
      new Set([400, 'url: forbidden_address', 'events: in', 'rateLimit: min', 'colour: unknown_property']),
    );
  });

  it('takes an address of a network that the configuration opened', async () => {
    expect((await createWebhook(api, store, { url: 'http://127.0.0.1:9000/hook' })).url).toBe(
      'http://127.0.0.1:9000/hook',
    );
  });

  it.each([
    [{ events: [] }, 'events: array_min_size'],
    [{ events: ['order.explode'] }, 'events: in'],
    [{ events: 'order.create' }, 'events: array'],
    [{ rateLimit: 0 }, 'rateLimit: min'],
    [{ rateLimit: 10_001 }, 'rateLimit: max'],
    [{ rateLimit: 1.5 }, 'rateLimit: int'],
    [{ description: 'x'.repeat(501) }, 'description: text'],
    [{ enabled: false }, 'enabled: unknown_property'],
  ])('refuses %p', async (input, error) => {
    const [status, ...errors] = await refusal(input);
    expect(status).toBe(400);
    expect(errors).toContain(error);
  });
});

it('takes only https where the configuration says so', async () => {
  const strict = await startTestApi({ database: api.database, settings: { SIGNPOST_HTTPS_ONLY: 'true' } });
  try {
    const request = { url: 'http://example.com/', events: ['order.create'] };
    const answer = await strict.operator.post<ShownProblem>(webhooks, request);
    expect(answer.body.errors).toEqual([expect.objectContaining({ field: 'url', rule: 'invalid_url' })]);
  } finally {
    await strict.close();
  }
});

describe('changing a webhook', () => {
  it('changes what is given and nothing else', async () => {
    const { id } = await createWebhook(api, store, { rateLimit: 5, description: 'before' });
    expect(await patch(id, { description: 'after' })).toMatchObject({
      description: 'after',
      rateLimit: 5,
      url: PUBLIC_URL,
    });
    expect(await patch(id, { rateLimit: null })).toMatchObject({ description: 'after', rateLimit: null });
    expect(await patch(id, { events: ['order.update', 'order.update'] })).toMatchObject({ events: ['order.update'] });
    expect((await api.operator.patch(`${webhooks}/${id}`, { url: 'http://10.0.0.1/' })).status).toBe(400);
    expect((await api.operator.patch(`${webhooks}/${id}`, { url: null })).status).toBe(400);
  });

  it('disabling says why and when, and enabling again forgets it together with the failures before', async () => {
    const { id } = await createWebhook(api, store);
    await settleGates();
    const disabled = await patch(id, { enabled: false });
    expect(disabled).toMatchObject({ enabled: false, status: 'disabled', disabledReason: 'It was disabled by hand.' });
    expect(Date.parse(disabled.disabledAt ?? '')).toBeLessThanOrEqual(Date.now());
    expect(disabled.health.nextDueAt).not.toBeNull();

    await settleGates();
    await api.sql(
      `UPDATE gates SET failures = 9, openings = 2, open_until = now() + interval '1 hour', failing_since = now()`,
    );
    const again = await patch(id, { enabled: true });
    expect(again).toMatchObject({ enabled: true, status: 'active', disabledReason: null, disabledAt: null });
    expect(again.health).toMatchObject({ consecutiveFailures: 0, openUntil: null, failingSince: null });
    expect(again.health.nextDueAt).not.toBeNull();
  });

  it('a new address of a disabled one keeps since when it missed what is to be recovered, until it is enabled', async () => {
    const { id } = await createWebhook(api, store);
    const fail = (since: string) => api.sql('UPDATE gates SET failures = 9, failing_since = $1', [since]);
    await fail('2026-03-01T10:01:00Z');
    expect((await patch(id, { url: `${PUBLIC_URL}/mistaken` })).health.failingSince).toBeNull();
    await fail('2026-03-02T10:01:00Z');
    await patch(id, { enabled: false });

    const corrected = await patch(id, { url: `${PUBLIC_URL}/corrected` });

    expect(corrected.health.failingSince).toBe('2026-03-02T10:01:00.000Z');
    expect(corrected.disabledAdvice).toContain('{"since": "2026-03-02T10:00:00.000Z"}');
    expect((await patch(id, { enabled: true })).health).toMatchObject({ consecutiveFailures: 0, failingSince: null });
  });

  it('disabling one that Signpost disabled keeps the reason', async () => {
    const { id } = await createWebhook(api, store);
    await api.sql(
      `UPDATE webhooks SET enabled = false, disabled_reason = 'Gone.', disabled_at = now() WHERE url = $1`,
      [PUBLIC_URL],
    );
    expect(await patch(id, { enabled: false })).toMatchObject({ disabledReason: 'Gone.' });
  });

  it('assigning another key, or another address, makes it due; a new description does not', async () => {
    const other = await createApiKey(api, store);
    const { id } = await createWebhook(api, store);
    await settleGates();
    expect((await patch(id, { description: 'new', apiKeyId })).health.nextDueAt).toBeNull();
    expect((await patch(id, { apiKeyId: other.id })).health.nextDueAt).not.toBeNull();
    await settleGates();
    expect((await patch(id, { url: `${PUBLIC_URL}/2` })).health.nextDueAt).not.toBeNull();
  });

  it('tells workers at once by a job, so that nobody waits for the sweep', async () => {
    const { id } = await createWebhook(api, store);
    await api.sql('DELETE FROM signpost_queue.job');
    await patch(id, { enabled: false });
    let jobs: { data: unknown }[] = [];
    while (jobs.length === 0) jobs = await api.sql('SELECT data FROM signpost_queue.job');
    expect(jobs).toHaveLength(1);
  });
});

describe('deleting a webhook', () => {
  it('takes it out of lists and views, keeps its row for the log, and makes it due', async () => {
    const { id } = await createWebhook(api, store);
    await settleGates();
    expect((await api.operator.delete(`${webhooks}/${id}`)).status).toBe(204);
    expect((await api.operator.get(`${webhooks}/${id}`)).status).toBe(404);
    expect((await api.operator.delete(`${webhooks}/${id}`)).status).toBe(404);
    expect((await api.operator.patch(`${webhooks}/${id}`, { enabled: false })).status).toBe(404);
    const { body } = await api.operator.get<ShownPage<ShownWebhook>>(`${webhooks}?limit=250`);
    expect(body.data.map((each) => each.id)).not.toContain(id);
    expect(
      await api.sql(
        'SELECT FROM gates g JOIN webhooks w ON w.id = g.webhook_id WHERE w.deleted_at IS NOT NULL AND g.due_at IS NOT NULL',
      ),
    ).toHaveLength(1);
  });
});

it('shows how a webhook fares: its gate, and the statistics of the last 24 hours', async () => {
  const { id } = await createWebhook(api, store, { url: 'https://fares.example.com/' });
  await api.sql(
    `WITH w AS (SELECT id, store_id FROM webhooks WHERE url = 'https://fares.example.com/'), g AS (
       UPDATE gates SET failures = 12, open_until = '2030-01-01', failing_since = '2029-12-31', due_at = '2030-01-02'
       FROM w WHERE webhook_id = w.id
     )
     INSERT INTO webhook_stats (webhook_id, hour, store_id, attempts, delivered, failed_attempts, failed, duration_ms)
     SELECT w.id, date_trunc('hour', now()) - hours * interval '1 hour', w.store_id, 10, 6, 4, 1, 500 FROM w, unnest(ARRAY[0, 23, 24]) AS hours`,
  );
  const { body } = await api.operator.get<ShownWebhook>(`${webhooks}/${id}`);
  expect(body.health).toEqual({
    consecutiveFailures: 12,
    openUntil: '2030-01-01T00:00:00.000Z',
    failingSince: '2029-12-31T00:00:00.000Z',
    nextDueAt: '2030-01-02T00:00:00.000Z',
    last24Hours: { attempts: 20, delivered: 12, failedAttempts: 8, failed: 2, averageDurationMs: 50 },
  });
});

it('never leaves a webhook signed with a key of which it was told that it is gone, however changes race', async () => {
  const racing = await createStore(api, 'racing');
  for (let round = 0; round < 5; round += 1) {
    const apiKey = await createApiKey(api, racing);
    const request = { url: PUBLIC_URL, events: ['order.create'], apiKeyId: apiKey.id };
    const [created, deleted] = await Promise.all([
      api.operator.post(`${racing}/webhooks`, request),
      api.operator.delete(`${racing}/api-keys/${apiKey.id}`),
    ]);
    expect([
      [201, 409],
      [400, 204],
    ]).toContainEqual([created.status, deleted.status]);
  }
});

it('begins again when a worker that disables the same webhook got in its way', async () => {
  const { id } = await createWebhook(api, store, { url: 'https://deadlock.example.com/' });
  const worker = new Client({ connectionString: api.database.url });
  await worker.connect();
  // The API's connection, which waits first, is then the one that PostgreSQL ends.
  await worker.query(`SET deadlock_timeout = '30s'`);
  await worker.query('BEGIN');
  await worker.query(
    `SELECT FROM gates g JOIN webhooks w ON w.id = g.webhook_id WHERE w.url = 'https://deadlock.example.com/' FOR UPDATE OF g`,
  );
  const patched = api.operator.patch<ShownWebhook>(`${webhooks}/${id}`, { enabled: false });
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await worker.query(waiting)).rowCount === 0);
  await worker.query(`UPDATE webhooks SET disabled_reason = 'Gone.' WHERE url = 'https://deadlock.example.com/'`);
  await worker.query('COMMIT');
  await worker.end();
  expect(await patched).toMatchObject({ status: 200, body: { status: 'disabled' } });
});
