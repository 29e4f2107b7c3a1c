import { checkSignature, type ReceivedMessage, type SignatureVerdict, webhookIdIn } from './signature-check';

const SECRET = `whsec_${btoa('\u0001'.repeat(32))}`;
const OTHER_SECRET = `whsec_${btoa('\u0002'.repeat(32))}`;
const NOW_MS = Date.parse('2026-02-20T08:15:30.000Z');
const NOW_SECONDS = NOW_MS / 1_000;
const BODY = '{"type":"order.create","data":{"id":9223372036854775807,"total":10.00,"name":"Zoë B"}}';

async function headersOf({ timestamp = String(NOW_SECONDS) } = {}): Promise<string> {
  const secret = Uint8Array.from(atob(SECRET.slice('whsec_'.length)), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`evt_1.${timestamp}.${BODY}`));
  const text = btoa(String.fromCharCode(...new Uint8Array(signature)));
  return `webhook-id: evt_1\nWebhook-Timestamp: ${timestamp}\nwebhook-signature: v1a,xyz v1,${text}`;
}

async function check(changes: Partial<ReceivedMessage> = {}, sentBody: string | null = null) {
  return checkSignature({ headers: await headersOf(), body: BODY, secret: SECRET, ...changes }, NOW_MS, sentBody);
}

describe('checkSignature', () => {
  it('accepts what Signpost signed, with one of several secrets', async () => {
    const valid: SignatureVerdict = { kind: 'valid', ageSeconds: 0, isTimely: true };
    expect(await check()).toEqual(valid);
    expect(await check({ secret: ` ${OTHER_SECRET}\n${SECRET} ` })).toEqual(valid);
  });

  it.each([-301, 301])('tells that a right signature is not of now: %d s', async (age) => {
    const headers = await headersOf({ timestamp: String(NOW_SECONDS - age) });
    expect(await check({ headers })).toEqual({ kind: 'valid', ageSeconds: age, isTimely: false });
  });

  it('says so where the browser gives a page no means to check, instead of failing', async () => {
    const headers = await headersOf();
    const replaced = jest.replaceProperty(globalThis, 'crypto', {} as Crypto);
    expect(await checkSignature({ headers, body: BODY, secret: SECRET }, NOW_MS, null)).toEqual({
      kind: 'insecure_page',
    });
    replaced.restore();
  });

  it('names the headers that are missing', async () => {
    expect(await check({ headers: 'Webhook-Id: evt_1\nhost: a' })).toEqual({
      kind: 'missing_headers',
      names: ['webhook-timestamp', 'webhook-signature'],
    });
  });

  it('reads headers out of JSON and out of a command', async () => {
    const lines = (await headersOf()).split('\n');
    const json = lines.map((line) => `  "${line.replace(': ', '": "')}",`).join('\n');
    const command = lines.map((line) => `  -H '${line}' \\`).join('\n');
    for (const headers of [json, command]) expect(await check({ headers })).toMatchObject({ kind: 'valid' });
  });

  it('refuses a timestamp that is none', async () => {
    const headers = await headersOf({ timestamp: '2026-02-20' });
    expect(await check({ headers })).toEqual({ kind: 'bad_timestamp', value: '2026-02-20' });
  });

  it.each([
    ['', 'empty'],
    ['spk_abc', 'public_key'],
    ['abc', 'prefix'],
    ['whsec_*', 'encoding'],
  ])('tells what is wrong with the secret "%s"', async (secret, reason) => {
    expect(await check({ secret })).toEqual({ kind: 'bad_secret', reason });
  });

  it('misses a signature of the version that it knows', async () => {
    const headers = (await headersOf()).replace(/ v1,.*/, '');
    expect(await check({ headers })).toEqual({ kind: 'no_v1_signature' });
  });

  it.each([
    [`${BODY}\n`, 'surrounding_space'],
    [`\ufeff${BODY}`, 'byte_order_mark'],
    [BODY.replaceAll(':', ': ').replaceAll(',', ',\n '), 'reserialized'],
  ])('recognises the body in %j', async (body, how) => {
    expect(await check({ body })).toEqual({ kind: 'body_changed', how });
  });

  it('tells a wrong secret and a changed body apart where what was sent is known', async () => {
    const body = JSON.stringify(JSON.parse(BODY));
    expect(await check({ body })).toEqual({ kind: 'no_match' });
    expect(await check({ body }, BODY)).toEqual({ kind: 'other_body', differsAt: BODY.indexOf('5807'), sent: BODY });
    expect(await check({ secret: OTHER_SECRET }, BODY)).toEqual({ kind: 'wrong_secret' });
  });
});

describe('webhookIdIn', () => {
  it('finds the id of the event', async () => {
    expect(webhookIdIn(await headersOf())).toBe('evt_1');
    expect(webhookIdIn('host: a')).toBeNull();
  });
});
