import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { mintSecret, secretBytes } from './api-key-token';
import { encodeId, mintId } from './ids';
import { composeBody, secretsValidAt, sign, signedHeaders } from './signing';

const secret = mintSecret();
const otherSecret = mintSecret();
const nowSeconds = Math.floor(Date.now() / 1_000);
const id = encodeId('event', mintId('event', Date.now()));

describe('composeBody', () => {
  it('puts type, timestamp and data in this order and leaves every character of the data as it was', () => {
    const data = '{ "id": 9007199254740993, "price":10.00,\n"n\\u00e9":"\\/" }';
    const body = composeBody({ type: 'order.create', timestamp: '2026-03-14T09:26:53.589Z', data });
    expect(body).toBe(`{"type":"order.create","timestamp":"2026-03-14T09:26:53.589Z","data":${data}}`);
  });

  it('makes valid JSON of any type, timestamp and data', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.json(), (type, timestamp, data) => {
        const parsed: unknown = JSON.parse(composeBody({ type, timestamp, data }));
        expect(parsed).toEqual({ type, timestamp, data: JSON.parse(data) });
      }),
    );
  });
});

describe('sign', () => {
  it('agrees with the signature that the Standard Webhooks library makes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }).map(toWellFormed), (body) => {
        const theirs = new Webhook(secret).sign(id, new Date(nowSeconds * 1_000), body);
        expect(sign({ id, timestampSeconds: nowSeconds, body, secrets: [secretBytes(secret)] })).toBe(theirs);
      }),
    );
  });

  it('is accepted by the Standard Webhooks library with either secret during an overlap, and with no other', () => {
    const body = composeBody({ type: 'order.create', timestamp: '2026-03-14T09:26:53.589Z', data: '{"é":"🎉"}' });
    const secrets = [secretBytes(secret), secretBytes(otherSecret)];
    const headers = signedHeaders({ id, timestampSeconds: nowSeconds, body, secrets, userAgent: 'Signpost/0.1.0' });
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(new Webhook(otherSecret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(mintSecret()).verify(body, headers)).toThrow('No matching signature found');
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature found');
  });

  it('refuses to make nothing of no secret, and a timestamp that receivers could not read', () => {
    expect(() => sign({ id, timestampSeconds: nowSeconds, body: '{}', secrets: [] })).toThrow(RangeError);
    const secrets = [secretBytes(secret)];
    expect(() => sign({ id, timestampSeconds: nowSeconds + 0.5, body: '{}', secrets })).toThrow(RangeError);
  });
});

describe('signedHeaders', () => {
  it('are exactly the five that Signpost sends, in lower case', () => {
    const secrets = [secretBytes(secret), secretBytes(otherSecret)];
    const input = { id, timestampSeconds: nowSeconds, body: '{}', secrets };
    expect(signedHeaders({ ...input, userAgent: 'Signpost/0.1.0' })).toEqual({
      'webhook-id': id,
      'webhook-timestamp': String(nowSeconds),
      'webhook-signature': expect.stringMatching(/^v1,[^ ]{44} v1,[^ ]{44}$/),
      'content-type': 'application/json',
      'user-agent': 'Signpost/0.1.0',
    });
  });
});

describe('secretsValidAt', () => {
  const current = secretBytes(secret);
  const previous = secretBytes(otherSecret);

  it('adds the previous secret until its overlap ends, and not a millisecond longer', () => {
    const pair = { current, previous, previousValidUntilMs: 1_000 };
    expect(secretsValidAt(pair, 999)).toEqual([current, previous]);
    expect(secretsValidAt(pair, 1_000)).toEqual([current]);
  });

  it('leaves out a previous secret that has no end, because it may have been revoked', () => {
    expect(secretsValidAt({ current, previous, previousValidUntilMs: null }, 0)).toEqual([current]);
    expect(secretsValidAt({ current, previous: null, previousValidUntilMs: 1_000 }, 0)).toEqual([current]);
  });
});

/** Bodies are decoded from UTF-8, so they never hold half a surrogate pair. */
function toWellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
