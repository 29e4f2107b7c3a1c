import { CALLERS, type CallerName } from './all-callers';

const KEYS: readonly CallerName[] = ['key'];
const OPERATORS: readonly CallerName[] = ['operator', 'personOperator'];
const OWNERS: readonly CallerName[] = [...OPERATORS, 'owner'];
const ADMINS: readonly CallerName[] = [...OWNERS, 'admin'];
const MEMBERS: readonly CallerName[] = [...ADMINS, 'viewer'];
const PORTALS: readonly CallerName[] = ['portalAdmin', 'portalViewer'];
const MANAGERS: readonly CallerName[] = [...ADMINS, 'portalAdmin'];
const READERS: readonly CallerName[] = [...MEMBERS, ...PORTALS];
const PEOPLE: readonly CallerName[] = ['personOperator', 'owner', 'admin', 'viewer', 'foreignOwner'];
const ANY_KEY: readonly CallerName[] = ['key', 'bareKey', 'foreignKey'];

/** The callers that a route lets in, and its answer to them. The request is chosen so that it changes as little as possible. */
export interface RouteRow {
  /** Everybody else is refused; see {@link refusalOf}. */
  readonly letsIn: readonly CallerName[];
  readonly answers: number;
  readonly body?: object;
  readonly query?: string;
  /** Whether the object that `{id}` names exists. */
  readonly isPresent?: true;
  /** What the request ends: the caller's session, or the store, for which the test then makes a store of its own. */
  readonly ends?: 'session' | 'store';
}

const row = (letsIn: readonly CallerName[], answers: number, more: Omit<RouteRow, 'letsIn' | 'answers'> = {}) =>
  ({ letsIn, answers, ...more }) satisfies RouteRow;
/** A body that lacks required fields: callers that are let in get a 400 for it. */
const INCOMPLETE = { body: {} };
const ORDER = { type: 'order.create', data: {} };
const STORE = '/api/v1/stores/{store}';

/** One row for each route of the OpenAPI document. */
export const ROUTE_TABLE: Readonly<Record<string, RouteRow>> = {
  'GET /healthz': row(CALLERS, 200),
  'GET /readyz': row(CALLERS, 200),
  'GET /metrics': row(CALLERS, 200),

  'GET /api/v1/setup': row(CALLERS, 200),
  'POST /api/v1/setup': row(CALLERS, 400, INCOMPLETE),
  'GET /api/v1/sign-in-options': row(CALLERS, 200),
  'POST /api/v1/session': row(CALLERS, 400, INCOMPLETE),
  'POST /api/v1/session/second-factor': row(CALLERS, 400, INCOMPLETE),
  // There is no identity provider.
  'GET /api/v1/openid/sign-in': row(CALLERS, 404),
  'GET /api/v1/openid/callback/openid': row(CALLERS, 404),
  'POST /api/v1/invitations/look': row(CALLERS, 400, INCOMPLETE),
  'POST /api/v1/invitations/accept': row(CALLERS, 400, INCOMPLETE),
  'POST /api/v1/portal-sessions': row(CALLERS, 400, INCOMPLETE),

  'DELETE /api/v1/session': row([...PEOPLE, ...PORTALS], 204, { ends: 'session' }),
  'DELETE /api/v1/sessions': row(PEOPLE, 204, { ends: 'session' }),
  'POST /api/v1/session/confirm': row(PEOPLE, 400, { body: { password: '' } }),
  'GET /api/v1/me': row([...PEOPLE, ...PORTALS], 200),
  'PATCH /api/v1/me': row(PEOPLE, 200, INCOMPLETE),
  'POST /api/v1/me/password': row(PEOPLE, 400, INCOMPLETE),
  'POST /api/v1/me/second-factor': row(PEOPLE, 400, INCOMPLETE),
  'DELETE /api/v1/me/second-factor': row(PEOPLE, 400, INCOMPLETE),
  'POST /api/v1/me/second-factor/activate': row(PEOPLE, 400, INCOMPLETE),
  'POST /api/v1/me/second-factor/recovery-codes': row(PEOPLE, 400, INCOMPLETE),

  'POST /api/v1/stores': row(OPERATORS, 400, INCOMPLETE),
  'GET /api/v1/stores': row(OPERATORS, 200),
  [`GET ${STORE}`]: row(READERS, 200),
  [`DELETE ${STORE}`]: row(OPERATORS, 204, { ends: 'store' }),
  'GET /api/v1/system': row(OPERATORS, 200),
  'GET /api/v1/audit-log': row(OPERATORS, 200),
  'GET /api/v1/audit-log/export': row(OPERATORS, 200, { query: 'format=csv' }),

  [`GET ${STORE}/api-keys`]: row(READERS, 200),
  [`POST ${STORE}/api-keys`]: row(MANAGERS, 400, INCOMPLETE),
  [`GET ${STORE}/api-keys/{id}`]: row(READERS, 200, { isPresent: true }),
  [`PATCH ${STORE}/api-keys/{id}`]: row(MANAGERS, 404, INCOMPLETE),
  [`DELETE ${STORE}/api-keys/{id}`]: row(MANAGERS, 404),
  [`POST ${STORE}/api-keys/{id}/reveal`]: row(MANAGERS, 200, { isPresent: true }),
  [`POST ${STORE}/api-keys/{id}/rotate-secret`]: row(MANAGERS, 404, INCOMPLETE),
  [`GET ${STORE}/api-keys/{id}/usage`]: row(READERS, 200, { isPresent: true }),
  'POST /api/v1/keys/verify': row([...OPERATORS, ...ANY_KEY], 400, INCOMPLETE),

  [`GET ${STORE}/webhooks`]: row(READERS, 200),
  [`POST ${STORE}/webhooks`]: row(MANAGERS, 400, INCOMPLETE),
  [`GET ${STORE}/webhooks/{id}`]: row(READERS, 404),
  [`PATCH ${STORE}/webhooks/{id}`]: row(MANAGERS, 404, INCOMPLETE),
  [`DELETE ${STORE}/webhooks/{id}`]: row(MANAGERS, 404),
  [`POST ${STORE}/webhooks/{id}/test`]: row(MANAGERS, 404, INCOMPLETE),
  [`POST ${STORE}/webhooks/{id}/recover`]: row(MANAGERS, 400, INCOMPLETE),

  'GET /api/v1/event-types': row([...OPERATORS, ...ANY_KEY, ...PEOPLE, ...PORTALS], 200),
  [`POST ${STORE}/events`]: row([...MANAGERS, ...KEYS], 202, { body: ORDER }),
  [`POST ${STORE}/events/batch`]: row([...MANAGERS, ...KEYS], 202, { body: { events: [ORDER] } }),
  [`GET ${STORE}/events`]: row([...READERS, ...KEYS], 200),
  [`GET ${STORE}/events/{id}`]: row([...READERS, ...KEYS], 200, { isPresent: true }),

  [`GET ${STORE}/deliveries`]: row([...READERS, ...KEYS], 200),
  [`GET ${STORE}/deliveries/count`]: row([...READERS, ...KEYS], 200),
  // The query is invalid: the stream must not begin, because it would not end.
  [`GET ${STORE}/deliveries/stream`]: row([...READERS, ...KEYS, 'bareKey'], 400, { query: 'since=never' }),
  [`GET ${STORE}/deliveries/{id}`]: row([...READERS, ...KEYS], 200, { isPresent: true }),
  [`POST ${STORE}/deliveries/{id}/retry`]: row(MANAGERS, 404),
  [`POST ${STORE}/deliveries/retry`]: row(MANAGERS, 400, INCOMPLETE),
  [`GET ${STORE}/stats`]: row(READERS, 200),
  [`GET ${STORE}/recoveries`]: row(READERS, 200),
  [`GET ${STORE}/recoveries/{id}`]: row(READERS, 404),
  [`GET ${STORE}/audit-log`]: row(MEMBERS, 200),
  [`GET ${STORE}/audit-log/export`]: row(MEMBERS, 200, { query: 'format=jsonl' }),

  [`GET ${STORE}/members`]: row(MEMBERS, 200),
  [`PATCH ${STORE}/members/{id}`]: row(OWNERS, 400, INCOMPLETE),
  [`DELETE ${STORE}/members/{id}`]: row(OWNERS, 404),
  [`GET ${STORE}/invitations`]: row(MEMBERS, 200),
  [`POST ${STORE}/invitations`]: row(OWNERS, 400, INCOMPLETE),
  [`DELETE ${STORE}/invitations/{id}`]: row(OWNERS, 404),
  [`POST ${STORE}/portal-links`]: row(ADMINS, 400, { body: { role: 'nobody' } }),
};

const UNKNOWN: ReadonlySet<CallerName> = new Set([
  'nobody',
  'wrongToken',
  'deactivatedKey',
  'expiredKey',
  'rotatedOutSecret',
]);
const FOREIGN: ReadonlySet<CallerName> = new Set(['foreignKey', 'foreignOwner']);

/**
 * The answer to a caller that is not let in: 401 without valid credentials, 404 for callers of another store, because the store must not
 * exist for them, and otherwise 403.
 */
export function refusalOf(caller: CallerName, path: string): { readonly status: number; readonly code: string } {
  if (UNKNOWN.has(caller)) return { status: 401, code: 'unauthenticated' };
  if (FOREIGN.has(caller) && path.includes('{store}')) return { status: 404, code: 'not_found' };
  return { status: 403, code: 'forbidden' };
}
