/** The request that a receiver got, as a person pastes it. */
export interface ReceivedMessage {
  /** `name: value`, one to a line; lines of anything else are passed over. */
  readonly headers: string;
  readonly body: string;
  /** `whsec_…`; several are separated by white space. */
  readonly secret: string;
}

/** The result of a check: the first thing that is wrong. What can be told only once that is right is left out. */
export type SignatureVerdict =
  /** The browser works nothing out for a page that came over plain http, except from this machine itself. */
  | { readonly kind: 'insecure_page' }
  | { readonly kind: 'valid'; readonly ageSeconds: number; readonly isTimely: boolean }
  | { readonly kind: 'missing_headers'; readonly names: readonly string[] }
  | { readonly kind: 'bad_timestamp'; readonly value: string }
  | { readonly kind: 'bad_secret'; readonly reason: SecretProblem }
  | { readonly kind: 'no_v1_signature' }
  | { readonly kind: 'body_changed'; readonly how: BodyChange }
  /** The secret signed what was sent, but another text was pasted. */
  | { readonly kind: 'other_body'; readonly differsAt: number; readonly sent: string }
  /** It is known what was sent, and the secret did not sign it. */
  | { readonly kind: 'wrong_secret' }
  /** It is not known what was sent: either the secret is wrong, or the body was changed. */
  | { readonly kind: 'no_match' };

export type SecretProblem = 'empty' | 'public_key' | 'prefix' | 'encoding';
export type BodyChange = 'reserialized' | 'line_ends' | 'surrounding_space' | 'byte_order_mark';

/** The tolerance that Standard Webhooks recommends. */
const TOLERANCE_SECONDS = 300;
const NAMES = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
type Name = (typeof NAMES)[number];

interface Signed {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly string[];
  readonly secrets: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Says whether a message comes from Signpost and, if it does not verify, what is wrong. The secret stays in the browser.
 *
 * @param sentBody - what was sent, if that is known: then a wrong secret and a changed body can be told apart
 */
export async function checkSignature(
  message: ReceivedMessage,
  nowMs: number,
  sentBody: string | null,
): Promise<SignatureVerdict> {
  if (!('subtle' in crypto)) return { kind: 'insecure_page' };
  const headers = readHeaders(message.headers);
  const names = NAMES.filter((name) => headers[name] === undefined);
  if (names.length > 0) return { kind: 'missing_headers', names };
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(timestamp)) return { kind: 'bad_timestamp', value: timestamp };
  const secrets = readSecrets(message.secret);
  if (typeof secrets === 'string') return { kind: 'bad_secret', reason: secrets };
  const signatures = (headers['webhook-signature'] ?? '').split(/\s+/).filter((one) => one.startsWith('v1,'));
  if (signatures.length === 0) return { kind: 'no_v1_signature' };
  const signed: Signed = { id: headers['webhook-id'] ?? '', timestamp, signatures, secrets };
  if (await isSigned(signed, message.body)) {
    const ageSeconds = Math.round(nowMs / 1_000) - Number(timestamp);
    return { kind: 'valid', ageSeconds, isTimely: Math.abs(ageSeconds) <= TOLERANCE_SECONDS };
  }
  return explain(signed, message.body, sentBody);
}

/** The event's id among pasted headers; null when there is none. */
export function webhookIdIn(headers: string): string | null {
  return readHeaders(headers)['webhook-id'] ?? null;
}

async function explain(signed: Signed, body: string, sentBody: string | null): Promise<SignatureVerdict> {
  for (const { how, text } of bodiesBefore(body)) {
    if (await isSigned(signed, text)) return { kind: 'body_changed', how };
  }
  if (sentBody === null) return { kind: 'no_match' };
  if (!(await isSigned(signed, sentBody))) return { kind: 'wrong_secret' };
  return { kind: 'other_body', differsAt: firstDifference(sentBody, body), sent: sentBody };
}

/** Texts that a program, or pasting, may have changed into the given one. */
function* bodiesBefore(body: string): Generator<{ how: BodyChange; text: string }> {
  if (body.startsWith('\ufeff')) yield { how: 'byte_order_mark', text: body.slice(1) };
  yield { how: 'surrounding_space', text: body.trim() };
  yield { how: 'line_ends', text: body.replaceAll('\r\n', '\n') };
  const compact = compactJson(body);
  if (compact !== null) yield { how: 'reserialized', text: compact };
}

/** Removes the white space between tokens; the tokens stay as they are. Null when the text is not JSON. */
function compactJson(body: string): string | null {
  try {
    JSON.parse(body);
  } catch {
    return null;
  }
  return body.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}

async function isSigned({ id, timestamp, signatures, secrets }: Signed, body: string): Promise<boolean> {
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  for (const secret of secrets) {
    const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, content));
    if (signatures.includes(`v1,${btoa(String.fromCharCode(...signature))}`)) return true;
  }
  return false;
}

function readHeaders(text: string): Partial<Record<Name, string>> {
  const headers: Partial<Record<Name, string>> = {};
  for (const line of text.split(/\r?\n/)) {
    // Also reads headers copied out of JSON, a log or a command: "webhook-id": "evt_…", or -H 'webhook-id: evt_…'
    const found = /(webhook-(?:id|timestamp|signature))["']?\s*[:=]\s*["']?([^"'\\]*)/i.exec(line);
    const name = NAMES.find((known) => known === found?.[1]?.toLowerCase());
    const value = found?.[2]?.replace(/,\s*$/, '').trim();
    if (name !== undefined && value !== undefined && value !== '') headers[name] = value;
  }
  return headers;
}

function readSecrets(text: string): readonly Uint8Array<ArrayBuffer>[] | SecretProblem {
  const secrets: Uint8Array<ArrayBuffer>[] = [];
  for (const secret of text.split(/\s+/).filter(Boolean)) {
    if (secret.startsWith('spk_')) return 'public_key';
    if (!secret.startsWith('whsec_')) return 'prefix';
    const bytes = fromBase64(secret.slice('whsec_'.length));
    if (bytes === null || bytes.length === 0) return 'encoding';
    secrets.push(bytes);
  }
  return secrets.length === 0 ? 'empty' : secrets;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
