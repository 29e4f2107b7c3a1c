import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createApiKey, createStore, type ShownProblem } from '../support/admin-objects';
import { startTestApi, type TestApi } from '../support/test-api';
import type { TestRequest } from '../support/test-client';

let api: TestApi;
let store: string;

beforeAll(async () => {
  api = await startTestApi({ settings: { SIGNPOST_BODY_BYTES_MAX: '2kb' } });
  store = await createStore(api, 'acme');
});
afterAll(() => api.close());

const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface Refusal {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly request?: TestRequest;
  readonly status: number;
  readonly code: string;
}

const refusals: readonly Refusal[] = [
  {
    name: 'JSON that is cut',
    path: '/api/v1/stores',
    request: { body: '{"key":' },
    status: 400,
    code: 'malformed_json',
  },
  {
    name: 'JSON followed by more',
    path: '/api/v1/stores',
    request: { body: '{} {}' },
    status: 400,
    code: 'malformed_json',
  },
  { name: 'no body at all', path: '/api/v1/stores', status: 400, code: 'validation_failed' },
  {
    name: 'a body that is an array',
    path: '/api/v1/stores',
    request: { body: [] },
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'a body that is a number',
    path: '/api/v1/stores',
    request: { body: '7' },
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'a body that is null',
    path: '/api/v1/stores',
    request: { body: 'null' },
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'a body over the limit',
    path: '/api/v1/stores',
    request: { body: { key: 'a', name: 'x'.repeat(3_000) } },
    status: 413,
    code: 'payload_too_large',
  },
  {
    name: 'another kind of body',
    path: '/api/v1/stores',
    request: { body: 'key=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'plain text',
    path: '/api/v1/stores',
    request: { body: '{}', headers: { 'content-type': 'text/plain' } },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a body that is packed',
    path: '/api/v1/stores',
    request: { body: gzipSync('{"key":"a","name":"b"}'), headers: { 'content-encoding': 'gzip' } },
    status: 415,
    code: 'unsupported_media_type',
  },
  { name: 'an address that no route has', method: 'GET', path: '/api/v1/nothing', status: 404, code: 'not_found' },
  {
    name: 'an address whose words are those of a database that is away',
    method: 'GET',
    path: '/api/v1/timeouts',
    status: 404,
    code: 'not_found',
  },
  {
    name: 'a query whose words are those of a database that is away',
    method: 'GET',
    path: '/nope?timeout=5&code=ECONNREFUSED',
    status: 404,
    code: 'not_found',
  },
  {
    name: 'an address that cannot be decoded, with such words',
    method: 'GET',
    path: '/api/v1/stores/%ZZ/timeout',
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'an address that cannot be decoded',
    method: 'GET',
    path: '/api/v1/stores/%ZZ',
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'an address of endless length',
    method: 'GET',
    path: `/api/v1/stores/${'x'.repeat(3_000)}`,
    status: 404,
    code: 'not_found',
  },
  {
    name: 'a method that the route has not',
    method: 'PUT',
    path: '/api/v1/stores',
    status: 405,
    code: 'method_not_allowed',
  },
  { name: 'a store that does not exist', method: 'GET', path: '/api/v1/stores/none', status: 404, code: 'not_found' },
  {
    name: 'a store whose key the database cannot be asked for',
    method: 'GET',
    path: '/api/v1/stores/%00',
    status: 404,
    code: 'not_found',
  },
  {
    name: 'a rule whose words are those of a database that is away',
    method: 'GET',
    path: '/api/v1/stores/acme/deliveries?errorCode=late',
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'a body nested deeper than readers can follow',
    path: '/api/v1/stores',
    request: { body: `{"name":${'['.repeat(900)}${']'.repeat(900)}}` },
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'an e-mail address with half of a surrogate pair',
    path: '/api/v1/setup',
    request: { body: '{"email":"a\\ud800@example.com","password":"p"}' },
    status: 400,
    code: 'validation_failed',
  },
  {
    name: 'an unknown query parameter',
    method: 'GET',
    path: '/api/v1/stores?page=2',
    status: 400,
    code: 'validation_failed',
  },
];

describe('every error is a problem document', () => {
  it.each(refusals)('for $name', async ({ method = 'POST', path, request = {}, status, code }) => {
    const answer = await api.operator.send<ShownProblem>(method, path, request);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      type: `urn:signpost:problem:${code}`,
      title: expect.any(String) as string,
      status,
      detail: expect.any(String) as string,
      code,
      instance: expect.stringMatching(UUID) as string,
      ...(answer.body.errors === undefined ? {} : { errors: answer.body.errors }),
    });
  });

  it('names the methods that a route has instead', async () => {
    const answer = await api.operator.send('PUT', store, {});
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD');
  });

  it.each(['/healthz', '/api/v1/stores', '/api/v1/nothing', '/api/v1/stores/%ZZ'])(
    'has the security headers of every answer: %s',
    async (path) => {
      const { headers } = await api.nobody.get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': expect.stringMatching(
          /default-src '(self|none)'.*frame-ancestors '(self|none)'/,
        ) as string,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
      });
      expect(headers.has('x-powered-by')).toBe(false);
    },
  );

  it('spares producers the headers that are for pages', async () => {
    const event = { type: 'order.create', data: { id: 1 } };
    const { status, headers } = await api.operator.post(`${store}/events`, event);
    expect(status).toBe(202);
    expect(Object.fromEntries(headers)).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
    });
    expect(headers.has('content-security-policy')).toBe(false);
  });

  it('refuses broken UTF-8 instead of replacing it', async () => {
    const body = Buffer.from([...Buffer.from('{"key":"a","name":"'), 0xff, ...Buffer.from('"}')]);
    const answer = await api.operator.post<ShownProblem>('/api/v1/stores', body);
    expect(answer.body.code).toBe('malformed_json');
  });

  it('tells nobody what is wrong with a body before it knows who sent it', async () => {
    for (const body of ['{"key":', '['.repeat(1_000), Buffer.from([0xff])]) {
      const answer = await api.nobody.post<ShownProblem>('/api/v1/stores', body);
      expect(answer.body.code).toBe('unauthenticated');
    }
  });

  it('tells nothing of a fault of its own', async () => {
    await api.sql('ALTER TABLE stores RENAME TO stores_away');
    try {
      const answer = await api.operator.get<ShownProblem>('/api/v1/stores');
      expect(answer.status).toBe(500);
      expect(answer.body).toMatchObject({ code: 'internal_error', detail: 'An unexpected error happened.' });
      expect(answer.text).not.toContain('stores_away');
    } finally {
      await api.sql('ALTER TABLE stores_away RENAME TO stores');
    }
  });
});

describe('a request without a body', () => {
  const TYPES = ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'application/json', 'nonsense'];

  it.each(TYPES)('is one, though it announces %s', async (type) => {
    const key = await createApiKey(api, store);
    const request = { body: '', headers: { 'content-type': type } };
    const answer = await api.operator.send(`POST`, `${store}/api-keys/${key.id}/reveal`, request);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ key: key.key, secret: key.secret });
  });

  it.each(TYPES)('is refused where one is needed, though it announces %s', async (type) => {
    const request = { body: '', headers: { 'content-type': type } };
    const published = await api.operator.send<ShownProblem>('POST', `${store}/events`, request);
    expect(published.body).toMatchObject({ status: 400, code: 'malformed_json' });
    const created = await api.operator.send<ShownProblem>('POST', '/api/v1/stores', request);
    expect(created.body).toMatchObject({ status: 400, code: 'validation_failed' });
  });
});

describe('a validation problem lists every broken rule', () => {
  const errorsOf = async (path: string, body: unknown) => {
    const { body: problem } = await api.operator.post<ShownProblem>(path, body);
    return (problem.errors ?? []).map(({ field, rule }) => `${field}: ${rule}`);
  };

  it('of every field: missing ones, wrong types, unknown properties', async () => {
    expect(await errorsOf(`${store}/webhooks`, { url: 7, events: [], rateLimit: 'fast', colour: 'red' })).toEqual([
      'colour: unknown_property',
      'url: text',
      'events: array_min_size',
      'rateLimit: max',
      'rateLimit: min',
      'rateLimit: int',
    ]);
    expect(await errorsOf(`${store}/api-keys`, {})).toEqual(['permissions: required']);
    expect(await errorsOf(`${store}/api-keys`, { permissions: ['orders:eat'], activated: null })).toEqual([
      'permissions: in',
      'activated: boolean',
    ]);
  });

  it.each([
    ['a NUL character', 'a\0b'],
    ['half of a surrogate pair', 'a\ud800b'],
  ])('refuses %s, which the database cannot keep', async (_, name) => {
    expect(await errorsOf('/api/v1/stores', { key: 'odd', name })).toEqual(['name: text']);
  });

  it.each([
    [500, 201],
    [501, 400],
  ])('counts characters, not the halves that JavaScript keeps them in: of %d emoji', async (length, status) => {
    const body = { permissions: [], description: '🛒'.repeat(length) };
    expect((await api.operator.post(`${store}/api-keys`, JSON.stringify(body))).status).toBe(status);
  });

  it.each(['', 'Acme', '-acme', 'acme-', 'a_b', 'ä', 'x'.repeat(64), 'a b'])(
    'refuses the store key "%s"',
    async (key) => {
      expect(await errorsOf('/api/v1/stores', { key, name: 'n' })).toEqual(['key: matches']);
    },
  );

  it.each(['__proto__', 'constructor', 'toString'])(
    'refuses "%s", which every object has, like any other property that is not known',
    async (name) => {
      const unknown = [`${name}: unknown_property`];
      expect(await errorsOf('/api/v1/stores', `{"key":"proto","name":"n","${name}":{"name":"x"}}`)).toEqual(unknown);
      expect(await errorsOf(`${store}/events`, `{"type":"order.create","data":{},"${name}":1}`)).toEqual(unknown);
      expect(await errorsOf(`${store}/deliveries/retry`, `{"filter":{"status":"failed","${name}":1}}`)).toEqual([
        `filter.${name}: unknown_property`,
      ]);
      const query = await api.operator.get<ShownProblem>(`${store}/deliveries?${name}=1`);
      expect(query.body.errors).toMatchObject([{ field: name, rule: 'unknown_property' }]);
      expect(({} as { name?: string }).name).toBeUndefined();
    },
  );
});

describe('a body that is no object, or has one name twice, is refused as a whole', () => {
  let apiKey: string;
  beforeAll(async () => {
    apiKey = `${store}/api-keys/${(await createApiKey(api, store)).id}`;
  });

  const bodies = ['null', '[]', '[{}]', '7', '"text"', 'true'].map((body) => [body, '', 'object'] as const);
  const twice = ['{"overlapSeconds":1,"overlapSeconds":2}', 'overlapSeconds', 'repeated_name'] as const;

  it.each([...bodies, twice])('where nothing is required: %s', async (body, field, rule) => {
    const secretOf = async () => (await api.operator.post(`${apiKey}/reveal`)).body;
    const before = await secretOf();
    const answer = await api.operator.post<ShownProblem>(`${apiKey}/rotate-secret`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ field, rule }]);
    expect(await secretOf()).toEqual(before);
  });

  it('in what is in it, too', async () => {
    const body = '{"filter":{"status":"failed","status":"delivered"}}';
    const answer = await api.operator.post<ShownProblem>(`${store}/deliveries/retry`, body);
    expect(answer.body.errors).toMatchObject([{ field: 'filter.status', rule: 'repeated_name' }]);
  });

  it.each([...bodies, twice])('where something is: %s', async (body, field, rule) => {
    const answer = await api.operator.post<ShownProblem>('/api/v1/stores', body);
    expect(answer.body.errors).toMatchObject([{ field, rule }]);
  });
});

describe('what is no whole request', () => {
  let slow: TestApi;
  beforeAll(async () => {
    slow = await startTestApi({ database: api.database, settings: { SIGNPOST_REQUEST_TIMEOUT: '1s' } });
  });
  afterAll(() => slow.close());

  it.each([
    [
      'a body that never comes to its end',
      408,
      'request_timeout',
      'POST /api/v1/stores HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    ],
    ['a head that never comes to its end', 408, 'request_timeout', 'GET /healthz HTTP/1.1\r\nhost: a\r\n'],
    [
      'headers without end',
      431,
      'headers_too_large',
      `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    ['something other than HTTP', 400, 'validation_failed', 'hello\r\n\r\n'],
    ['without the Host that HTTP/1.1 demands', 400, 'validation_failed', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['with a second Host', 400, 'validation_failed', 'GET /healthz HTTP/1.1\r\nhost: a\r\nx: 1\r\nHOST: b\r\n\r\n'],
  ])(
    'is %s: it is refused by a problem, and its connection ended',
    async (_name, status, code, text) => {
      const answer = await exchange(slow.url, text);

      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(head).toContain('content-type: application/problem+json');
      expect(head).toContain('x-content-type-options: nosniff');
      expect(JSON.parse(body)).toMatchObject({ status, code, instance: expect.stringMatching(UUID) });
      // Long after the limit of one second, long before the minute that is Node's own.
    },
    30_000,
  );

  it('is no request with an expectation that nobody here knows: it is answered as without', async () => {
    const head = 'GET /api/v1/nothing HTTP/1.1\r\nhost: a\r\nexpect: a miracle\r\nconnection: close\r\n\r\n';
    const answer = await exchange(slow.url, head);
    expect(answer).toMatch(/^HTTP\/1\.1 404 [^]*content-type: application\/problem\+json/);
  });
});

/** Sends a text, and reads until the other side ends the connection. */
async function exchange(url: string, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

describe('pages', () => {
  it.each(['0', '251', '-1', '1.5', 'all', '', '0x10', '1e1', '+5', '1&limit=2'])(
    'refuses the limit %s',
    async (limit) => {
      const answer = await api.operator.get<ShownProblem>(`/api/v1/stores?limit=${limit}`);
      expect(answer.status).toBe(400);
      expect(answer.body.errors?.[0]?.field).toBe('limit');
    },
  );

  it.each(['x', '', 'AAAA', 'A'.repeat(23), '%00', 'a&cursor=b'])(
    'refuses the cursor "%s", which no page had',
    async (cursor) => {
      const answer = await api.operator.get<ShownProblem>(`/api/v1/stores?cursor=${cursor}`);
      expect(answer.status).toBe(400);
      expect(answer.body.errors?.map(({ field }) => field)).toEqual(['cursor']);
    },
  );
});
