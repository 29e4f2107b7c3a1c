import fc from 'fast-check';
import { Client } from 'pg';
import { createApiKey, createStore, createWebhook, type ShownProblem } from '../support/admin-objects';
import {
  ApiDocument,
  type DocumentedRoute,
  type DocumentParameter,
  type DocumentSchema,
} from '../support/api-document';
import type { Browser } from '../support/browser';
import { HOSTILE_BODIES, HOSTILE_HEADERS, HOSTILE_JSON, HOSTILE_TEXTS } from '../support/hostile-values';
import { setUp, signIn } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import { bearer } from '../support/test-client';

const SEED = 20_260_220;
/** Values that are tried for each property, parameter and header. */
const VALUES_EACH = 3;
/** A request that is not answered by then hangs. */
const TIMEOUT_MS = 30_000;
/** What admins manage, and who did what. */
const TABLES = ['stores', 'api_keys', 'webhooks', 'people', 'memberships', 'invitations', 'recoveries', 'audit_log'];

interface HostileRequest {
  readonly route: DocumentedRoute;
  readonly address: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let api: TestApi;
let document: ApiDocument;
let database: Client;
let browser: Browser;
/** Of what is in addresses: the store, and an object of each kind. */
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  api = await startTestApi();
  document = await ApiDocument.read(api);
  database = new Client({ connectionString: api.database.url });
  await database.connect();
  const acme = await createStore(api, 'acme');
  ids = { 'api-keys': (await createApiKey(api, acme)).id, webhooks: (await createWebhook(api, acme)).id };
  browser = await signIn(api, (await setUp(api)).email);
});
afterAll(async () => {
  await database.end();
  await api.close();
});

/** The same few of the values each time, and others for each name. */
const some = (values: readonly string[], name: string): string[] => {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, SEED);
  return (
    fc.sample(fc.shuffledSubarray([...values], { minLength: VALUES_EACH, maxLength: VALUES_EACH }), {
      seed,
      numRuns: 1,
    })[0] ?? []
  );
};

/** A value that the schema allows, as JSON. */
function sampleOf(schema: DocumentSchema, depth = 0): string {
  const {
    type,
    enum: values,
    example,
    format,
    minimum,
    items,
    properties = {},
    required = [],
  } = document.resolve(schema);
  if (example !== undefined) return JSON.stringify(example);
  if (values !== undefined) return JSON.stringify(values[0]);
  if (format === 'email') return '"somebody@example.com"';
  if (format === 'date-time') return JSON.stringify(new Date().toISOString());
  const [kind = 'string'] = [type].flat();
  switch (kind) {
    case 'object':
      return objectOf(required.map((name) => [name, sampleOf(properties[name] ?? {}, depth + 1)]));
    case 'array':
      return `[${items === undefined ? '' : sampleOf(items, depth + 1)}]`;
    case 'integer':
    case 'number':
      return String(minimum ?? 1);
    case 'boolean':
      return 'true';
    default:
      return '"a text of some length"';
  }
}

function objectOf(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

function addressOf({ path }: DocumentedRoute): string {
  const collection = /([\w-]+)\/\{id\}/.exec(path)?.[1] ?? '';
  // There is no worker that a test could be sent by.
  const id = path.endsWith('/test') ? undefined : ids[collection];
  return path.replace('{store}', 'acme').replace('{id}', id ?? 'whk_00000000000000000000000000');
}

const HOSTILE = { path: HOSTILE_TEXTS, query: HOSTILE_TEXTS, header: HOSTILE_HEADERS };

function hostileAddresses(route: DocumentedRoute): HostileRequest[] {
  return route.parameters.flatMap(({ name, in: place }) =>
    some(HOSTILE[place], route.path + name).map((text) => withParameter(route, place, name, text)),
  );
}

function withParameter(
  route: DocumentedRoute,
  place: DocumentParameter['in'],
  name: string,
  text: string,
): HostileRequest {
  const address = addressOf(route);
  const body = route.body === null ? {} : { body: sampleOf(route.body) };
  switch (place) {
    case 'path':
      return { route, address: addressOf({ ...route, path: route.path.replace(`{${name}}`, text) }), ...body };
    case 'query':
      return { route, address: `${address}?${name}=${text}`, ...body };
    case 'header':
      return { route, address, headers: { [name]: text }, ...body };
  }
}

function hostileBodies(route: DocumentedRoute): HostileRequest[] {
  if (route.body === null) return [];
  const address = addressOf(route);
  const { properties = {}, required = [] } = document.resolve(route.body);
  const wholes = some(HOSTILE_BODIES, route.path);
  const parts = Object.keys(properties).flatMap((name) => {
    const others = required
      .filter((other) => other !== name)
      .map((other) => [other, sampleOf(properties[other] ?? {})] as const);
    return some(HOSTILE_JSON, route.path + name).map((json) => objectOf([...others, [name, json]]));
  });
  return [...wholes, ...parts].map((body) => ({ route, address, body }));
}

interface HostileAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** As somebody who may do everything, so that what is hostile is not stopped at the door. */
async function send({ route, address, body, headers = {} }: HostileRequest): Promise<HostileAnswer> {
  const isForPeople = !route.schemes.includes('operatorToken');
  const caller = isForPeople
    ? { cookie: browser.cookieHeader(), origin: api.url }
    : { authorization: bearer('operator-token-of-the-tests') };
  const response = await fetch(api.url + address, {
    method: route.method,
    redirect: 'manual',
    headers: { ...caller, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isStream) await response.body?.cancel();
  return { status: response.status, headers: response.headers, text: isStream ? '' : await response.text() };
}

/** Everything that is kept, as one short text. */
async function fingerprint(): Promise<string> {
  const parts = TABLES.map((table) => `(SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM ${table} t)`);
  const { rows } = await database.query<{ whole: string }>(`SELECT concat_ws(' ', ${parts.join(', ')}) AS whole`);
  return rows[0]?.whole ?? '';
}

/** What is wrong with an answer, in words; null when nothing is. */
function faultOf({ status, headers, text }: HostileAnswer): string | null {
  if (status >= 500) return 'it is a fault of ours';
  if (headers.has('x-injected')) return 'it has a header of the caller';
  if (status < 400) return null;
  if (!headers.get('content-type')?.startsWith('application/problem+json'))
    return 'it is refused without a problem document';
  const problem = JSON.parse(text) as { status: number; code: string };
  return problem.status === status && typeof problem.code === 'string'
    ? null
    : 'its problem document is of another status';
}

async function expectHarmless(requests: readonly HostileRequest[]): Promise<void> {
  let kept = await fingerprint();
  const faults: string[] = [];
  for (const request of requests) {
    const answer = await send(request);
    const now = await fingerprint();
    const fault =
      faultOf(answer) ?? (answer.status >= 400 && now !== kept ? 'it is refused, and changed something' : null);
    kept = now;
    if (fault === null) continue;
    const { route, address, body = '' } = request;
    const input = `${address.slice(0, 200)} ${body.slice(0, 200)}`;
    faults.push(`${fault}: ${route.method} ${input} → ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  expect(faults).toEqual([]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
}

/** Nothing that ends the store or the session that all others are sent in. */
const isSafe = ({ method, path }: DocumentedRoute) =>
  !(method === 'DELETE' && !path.includes('{id}') && !path.includes('me/'));

it('keeps faults, hangs and changes away from hostile addresses and headers', async () => {
  const requests = document.routes.filter(isSafe).flatMap(hostileAddresses);
  expect(requests.length).toBeGreaterThan(300);
  await expectHarmless(requests);
}, 180_000);

it('keeps faults away from a filter of what should be retried', async () => {
  const route = document.routes.find(({ path }) => path.endsWith('/deliveries/retry'))!;
  const address = addressOf(route);
  const values = ['{"toString":null,"valueOf":null}', '"503"', '[503]', 'null', '1e400'];
  for (const value of values) {
    const answer = await send({ route, address, body: `{"filter":{"statusCode":${value}}}` });
    expect([value, answer.status, faultOf(answer)]).toEqual([value, 400, null]);
  }
});

it('keeps faults, hangs and changes away from hostile bodies', async () => {
  const requests = document.routes.flatMap(hostileBodies);
  expect(requests.length).toBeGreaterThan(200);
  await expectHarmless(requests);
}, 180_000);

it('answers a hundred thousand values, wherever they are, with the one rule that they break', async () => {
  const members = `{${Array.from({ length: 100_000 }, (_, index) => `"${index}":0`).join(',')}}`;
  const elements = `[${Array.from({ length: 100_000 }, (_, index) => index).join(',')}]`;
  const bodies = [
    ['/api/v1/session', members, ''],
    ['/api/v1/session', `{"email":${members},"password":"x"}`, 'email'],
    ['/api/v1/stores/acme/api-keys', `{"permissions":${elements}}`, 'permissions'],
    ['/api/v1/stores/acme/api-keys', `{"allowedCidrs":[${elements}]}`, 'allowedCidrs'],
  ] as const;
  for (const [path, body, field] of bodies) {
    const route = document.routes.find((one) => one.method === 'POST' && addressOf(one) === path)!;
    const { status, text } = await send({ route, address: path, body });
    const { errors } = JSON.parse(text) as ShownProblem;
    expect([status, errors?.map((error) => [error.field, error.rule])]).toEqual([400, [[field, 'max_values']]]);
  }
});

it('lists the first five hundred mistakes of a thousand, and says how many there are', async () => {
  const mistakes = Array.from({ length: 1_000 }, (_, index) => [`x${index}`, 0] as const);
  const body = JSON.stringify(Object.fromEntries(mistakes));
  const query = new URLSearchParams(mistakes.map(([name]): [string, string] => [name, ''])).toString();
  const publish = document.routes.find(({ method, path }) => method === 'POST' && path.endsWith('/events'))!;
  const session = document.routes.find(({ method, path }) => method === 'POST' && path.endsWith('/session'))!;
  const stores = document.routes.find(({ method, path }) => method === 'GET' && path.endsWith('/stores'))!;
  const answers = [
    await send({ route: publish, address: addressOf(publish), body }),
    await send({ route: session, address: addressOf(session), body }),
    await send({ route: stores, address: `${addressOf(stores)}?${query}` }),
  ];
  for (const { status, text } of answers) {
    const { detail, errors } = JSON.parse(text) as ShownProblem;
    expect([status, errors?.length]).toEqual([400, 500]);
    expect(detail).toMatch(/^1,?00\d rules are broken; errors lists the first 500 of them\.$/);
  }
});
