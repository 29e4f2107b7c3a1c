import { createHmac, timingSafeEqual } from 'node:crypto';

/** Why a webhook was not accepted. */
export type WebhookVerificationReason =
  | 'missing_header'
  | 'bad_timestamp'
  | 'too_old'
  | 'too_new'
  | 'no_matching_signature'
  | 'malformed_secret'
  /** The body is signed, but is not an event. */
  | 'malformed_body';

/** A webhook that must not be trusted. `malformed_secret` means that the receiver has made a mistake. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
  readonly reason: WebhookVerificationReason;

  constructor(reason: WebhookVerificationReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Headers as `node:http`, Express, Fastify or fetch give them. The case of their names does not matter. */
export type WebhookHeaders =
  { readonly [name: string]: string | readonly string[] | undefined } | { get(name: string): string | null };

export interface WebhookRequest {
  /** The body, byte for byte as it was received. A body that was parsed and written again does not match its signature. */
  readonly body: string | Uint8Array;
  readonly headers: WebhookHeaders;
  /** How far the webhook's timestamp may be from now, in seconds. Default 300. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since 1970. Default: now. */
  readonly nowMs?: number;
}

/** One secret; or, while a secret is being replaced, several secrets of which one has to match. */
export type WebhookSecrets = { readonly secret: string } | { readonly secrets: readonly string[] };

/** A webhook that was signed with the secret, a short time ago. */
export interface VerifiedWebhook {
  /** The event's id. It stays the same when the event is sent again: a receiver that remembers ids handles each event once. */
  readonly id: string;
  readonly type: string;
  /** When it happened: ISO 8601 in UTC. */
  readonly timestamp: string;
  /** The result of JSON.parse, which rounds integers beyond 2^53; `body` has every digit. */
  readonly data: unknown;
  /** When this attempt was signed, in milliseconds since 1970. */
  readonly sentAtMs: number;
  /** The signed body, as text. */
  readonly body: string;
}

const TOLERANCE_SECONDS = 300;
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
const SIGNATURE_PREFIX = 'v1,';

/**
 * Checks that a webhook was signed with the secret a short time ago, and reads it (Standard Webhooks 1.0). Secrets are `whsec_` and the
 * base64 of 24 to 64 bytes. Compares in constant time.
 *
 * @throws WebhookVerificationError whose `reason` says why the webhook must not be trusted; answer with 400 or 401
 */
export function verifyWebhook(request: WebhookRequest & WebhookSecrets): VerifiedWebhook {
  const secrets = ('secrets' in request ? request.secrets : [request.secret]).map(secretBytes);
  if (secrets.length === 0) throw new WebhookVerificationError('malformed_secret', 'There is no secret to check with.');
  const id = header(request.headers, 'webhook-id');
  const timestamp = header(request.headers, 'webhook-timestamp');
  const signatures = header(request.headers, 'webhook-signature');
  // Full stops separate the signed parts: with a full stop in the id, the same signed text could be split into other parts.
  if (id.includes('.')) throw new WebhookVerificationError('missing_header', 'webhook-id holds a full stop.');
  const sentAtMs = checkTimestamp(timestamp, request);
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
  const expected = secrets.map((secret) => {
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
    return Buffer.from(`${SIGNATURE_PREFIX}${signature}`);
  });
  if (!matches(signatures, expected)) {
    throw new WebhookVerificationError('no_matching_signature', 'No signature fits the body and the secret.');
  }
  return { id, sentAtMs, ...readEvent(Buffer.from(body).toString('utf8')) };
}

/** Decodes a secret. Refuses one that is undefined too, such as an environment variable that nobody has set. */
function secretBytes(secret: string | undefined): Buffer {
  const encoded = secret?.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  const fits = bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX;
  if (fits && bytes.toString('base64') === encoded) return bytes;
  throw new WebhookVerificationError(
    'malformed_secret',
    `A secret is "${SECRET_PREFIX}" and the base64 of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes.`,
  );
}

/** Reads a header. One that came twice counts as missing: nobody can say which one was signed. */
function header(headers: WebhookHeaders, name: string): string {
  const value = isFetchHeaders(headers) ? headers.get(name) : findHeader(headers, name);
  if (typeof value === 'string' && value !== '') return value;
  throw new WebhookVerificationError('missing_header', `The header ${name} is missing.`);
}

function isFetchHeaders(headers: WebhookHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === 'function';
}

function findHeader(headers: Exclude<WebhookHeaders, { get(name: string): string | null }>, name: string): unknown {
  const values = Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? [value].flat() : []));
  return values.length === 1 ? values[0] : undefined;
}

function checkTimestamp(text: string, { toleranceSeconds = TOLERANCE_SECONDS, nowMs = Date.now() }: WebhookRequest) {
  if (!/^\d{1,12}$/.test(text)) {
    throw new WebhookVerificationError('bad_timestamp', 'webhook-timestamp is not a number of whole seconds.');
  }
  const seconds = Number(text);
  const ageSeconds = Math.floor(nowMs / 1_000) - seconds;
  // Not written as `>`: a tolerance that is not a number, such as one from a variable that nobody has set, must not let every age pass.
  if (!(ageSeconds <= toleranceSeconds)) {
    throw new WebhookVerificationError('too_old', `It was signed more than ${toleranceSeconds} s ago.`);
  }
  if (ageSeconds < -toleranceSeconds) {
    throw new WebhookVerificationError('too_new', `It was signed more than ${toleranceSeconds} s in the future.`);
  }
  return seconds * 1_000;
}

/**
 * Compares every signature with every expected one, even after a match, byte by byte: as text, since one signature has one text. Signatures
 * of versions other than v1 match none.
 */
function matches(signatures: string, expected: readonly Buffer[]): boolean {
  let found = false;
  for (const signature of signatures.split(' ')) {
    const given = Buffer.from(signature);
    for (const wanted of expected) {
      if (given.length === wanted.length && timingSafeEqual(given, wanted)) found = true;
    }
  }
  return found;
}

function readEvent(body: string): Pick<VerifiedWebhook, 'type' | 'timestamp' | 'data' | 'body'> {
  const event = parseObject(body);
  if (typeof event?.['type'] !== 'string' || typeof event['timestamp'] !== 'string') {
    throw new WebhookVerificationError(
      'malformed_body',
      'The body is not an event: {"type":…,"timestamp":…,"data":…}.',
    );
  }
  return { type: event['type'], timestamp: event['timestamp'], data: event['data'], body };
}

function parseObject(text: string): { readonly [name: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
