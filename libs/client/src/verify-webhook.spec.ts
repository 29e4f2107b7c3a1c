import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import {
  verifyWebhook,
  WebhookVerificationError,
  type WebhookHeaders,
  type WebhookVerificationReason,
} from './verify-webhook';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const ID = 'evt_01jp9b4bzxe0sve4k7q1r6y8ac';
const NOW_MS = Date.parse('2026-02-20T08:15:30.412Z');
const NOW_SECONDS = Math.floor(NOW_MS / 1_000);
const BODY =
  '{"type":"order.create","timestamp":"2026-02-20T08:15:29.000Z","data":{"id":9223372036854775807,"name":"Zoë"}}';

function sign(body: string | Buffer, { secret = SECRET, id = ID, timestamp = String(NOW_SECONDS) } = {}): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

function headersOf(changes: Record<string, string> = {}, body: string | Buffer = BODY): Record<string, string> {
  const id = changes['webhook-id'] ?? ID;
  const timestamp = changes['webhook-timestamp'] ?? String(NOW_SECONDS);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': sign(body, { id, timestamp }),
    ...changes,
  };
}

interface Attempt {
  readonly headers?: WebhookHeaders;
  readonly body?: string | Buffer;
  readonly secret?: string;
  readonly toleranceSeconds?: number;
  readonly nowMs?: number;
}

function verify({ body = BODY, headers = headersOf({}, body), ...rest }: Attempt = {}) {
  return verifyWebhook({ secret: SECRET, nowMs: NOW_MS, ...rest, body, headers });
}

function reasonOf(attempt: Attempt): WebhookVerificationReason | 'accepted' {
  try {
    verify(attempt);
    return 'accepted';
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.reason;
    throw error;
  }
}

describe('verifyWebhook', () => {
  it('reads what was signed', () => {
    expect(verify()).toEqual({
      id: ID,
      type: 'order.create',
      timestamp: '2026-02-20T08:15:29.000Z',
      data: { id: 2 ** 63, name: 'Zoë' },
      sentAtMs: NOW_SECONDS * 1_000,
      body: BODY,
    });
  });

  it('takes the body as text or as bytes', () => {
    expect(verify({ body: Buffer.from(BODY), headers: headersOf() }).id).toBe(ID);
    expect(
      verifyWebhook({ secret: SECRET, nowMs: NOW_MS, body: new Uint8Array(Buffer.from(BODY)), headers: headersOf() })
        .id,
    ).toBe(ID);
  });

  it.each([
    [
      'in any case',
      Object.fromEntries(Object.entries(headersOf()).map(([name, value]) => [name.toUpperCase(), value])),
    ],
    ['of fetch', new Headers(headersOf())],
    ['in lists of one', Object.fromEntries(Object.entries(headersOf()).map(([name, value]) => [name, [value]]))],
  ])('takes headers %s', (_name, headers) => {
    expect(verify({ headers }).id).toBe(ID);
  });

  it('accepts each of several secrets, and one of several signatures', () => {
    const headers = headersOf({
      'webhook-signature': `v2,x v1a,${'A'.repeat(88)} ${sign(BODY, { secret: OTHER_SECRET })} ${sign(BODY)}`,
    });
    for (const secrets of [[SECRET], [OTHER_SECRET], [SECRET, OTHER_SECRET]]) {
      expect(verifyWebhook({ body: BODY, headers, secrets, nowMs: NOW_MS }).id).toBe(ID);
    }
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('refuses a webhook without %s', (name) => {
    const { [name]: _left, ...headers } = headersOf();
    expect(reasonOf({ headers })).toBe('missing_header');
    expect(reasonOf({ headers: { ...headers, [name]: '' } })).toBe('missing_header');
    expect(reasonOf({ headers: { ...headers, [name]: ['a', 'b'] } })).toBe('missing_header');
    expect(reasonOf({ headers: new Headers(headers) })).toBe('missing_header');
  });

  it('refuses an id with a full stop, by which a signed text could be split in another way', () => {
    expect(reasonOf({ headers: headersOf({ 'webhook-id': `${ID}.1` }) })).toBe('missing_header');
  });

  it.each(['now', '1.5', '-1', '0x10', '1e9', ' 1', '9999999999999'])('refuses the timestamp "%s"', (timestamp) => {
    expect(reasonOf({ headers: headersOf({ 'webhook-timestamp': timestamp }) })).toBe('bad_timestamp');
  });

  it.each<[number, WebhookVerificationReason | 'accepted']>([
    [-301, 'too_old'],
    [-300, 'accepted'],
    [300, 'accepted'],
    [301, 'too_new'],
  ])('judges a webhook signed %d s from now as %s', (seconds, expected) => {
    expect(reasonOf({ headers: headersOf({ 'webhook-timestamp': String(NOW_SECONDS + seconds) }) })).toBe(expected);
  });

  it('tolerates as much as it is told', () => {
    const headers = headersOf({ 'webhook-timestamp': String(NOW_SECONDS - 11) });
    expect(reasonOf({ headers, toleranceSeconds: 10 })).toBe('too_old');
    expect(reasonOf({ headers, toleranceSeconds: 11 })).toBe('accepted');
  });

  it('accepts nothing by a tolerance or a clock that is no number', () => {
    expect(reasonOf({ toleranceSeconds: Number.NaN })).toBe('too_old');
    expect(reasonOf({ nowMs: Number.NaN })).toBe('too_old');
  });

  it.each<[string, Attempt]>([
    ['another body', { body: BODY.replace('Zoë', 'Zoe'), headers: headersOf() }],
    ['a body that was written anew', { body: JSON.stringify(JSON.parse(BODY)), headers: headersOf() }],
    ['another id', { headers: { ...headersOf(), 'webhook-id': 'evt_2' } }],
    ['another timestamp', { headers: { ...headersOf(), 'webhook-timestamp': String(NOW_SECONDS - 1) } }],
    ['another secret', { secret: OTHER_SECRET }],
    ['another version', { headers: headersOf({ 'webhook-signature': sign(BODY).replace('v1,', 'v2,') }) }],
    ['a signature that is cut', { headers: headersOf({ 'webhook-signature': sign(BODY).slice(0, -8) }) }],
    ['a signature without its padding', { headers: headersOf({ 'webhook-signature': sign(BODY).slice(0, -1) }) }],
    ['a signature with more behind it', { headers: headersOf({ 'webhook-signature': `${sign(BODY)},x` }) }],
    ['no signature at all', { headers: headersOf({ 'webhook-signature': 'v1,' }) }],
  ])('refuses %s', (_name, attempt) => {
    expect(reasonOf(attempt)).toBe('no_matching_signature');
  });

  it.each([
    ['without prefix', Buffer.alloc(32).toString('base64')],
    ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['that is not base64', `whsec_${'*'.repeat(44)}`],
    ['that is empty', ''],
  ])('says that a secret %s is one, and does not show it', (_name, secret) => {
    const act = () => verify({ secret });
    expect(act).toThrow(WebhookVerificationError);
    expect(reasonOf({ secret })).toBe('malformed_secret');
    expect(act).not.toThrow(secret === '' ? 'undefined' : secret);
  });

  it('never accepts a webhook when there is no secret', () => {
    expect(reasonOf({ secret: undefined as unknown as string })).toBe('malformed_secret');
    expect(() => verifyWebhook({ body: BODY, headers: headersOf(), secrets: [], nowMs: NOW_MS })).toThrow('no secret');
  });

  it.each(['', 'null', '[]', '{"type":1,"timestamp":"x"}', '{"type":"order.create"}', '{'])(
    'refuses %j, which is signed but no event',
    (body) => {
      expect(reasonOf({ body })).toBe('malformed_body');
    },
  );

  it('checks bytes, also those that are not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('{"type":"t","timestamp":"x","data":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    expect(reasonOf({ body })).toBe('accepted');
    const replaced = Buffer.from(body.toString('utf8'));
    expect(reasonOf({ body: replaced, headers: headersOf({}, body) })).toBe('no_matching_signature');
  });
});

describe('the Standard Webhooks library', () => {
  const library = new Webhook(SECRET);
  const now = new Date();

  it('signs what we verify', () => {
    const signature = library.sign(ID, now, BODY);
    const headers = headersOf({
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': signature,
    });
    expect(verifyWebhook({ body: BODY, headers, secret: SECRET })).toMatchObject({ id: ID, type: 'order.create' });
  });

  it('verifies what we accept, and refuses what we refuse', () => {
    const headers = headersOf({ 'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)) });
    const forged = { ...headers, 'webhook-signature': sign(BODY, { secret: OTHER_SECRET }) };
    expect(library.verify(BODY, headers)).toMatchObject({ type: 'order.create' });
    expect(verifyWebhook({ body: BODY, headers, secret: SECRET }).id).toBe(ID);
    expect(() => library.verify(BODY, forged)).toThrow();
    expect(() => verifyWebhook({ body: BODY, headers: forged, secret: SECRET })).toThrow(WebhookVerificationError);
  });
});
