import { createHmac } from 'node:crypto';

export interface BodyParts {
  readonly type: string;
  /** ISO 8601, as the event keeps it. */
  readonly timestamp: string;
  /** The event's data as the producer wrote it: valid JSON, copied verbatim. */
  readonly data: string;
}

/** The exact text that is signed and sent. `data` is never parsed, so `10.00` and 64-bit integers arrive as they were written. */
export function composeBody({ type, timestamp, data }: BodyParts): string {
  return `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)},"data":${data}}`;
}

export interface SigningInput {
  /** The event's id on the wire; the same for every attempt, retry and replay. */
  readonly id: string;
  /** When this attempt is made, in whole seconds since 1970. */
  readonly timestampSeconds: number;
  /** The text that is sent, or its bytes in UTF-8. */
  readonly body: string | Uint8Array;
  /** Decoded secrets, the current one first; one signature is made with each. */
  readonly secrets: readonly Buffer[];
}

/**
 * Signs a message with every valid secret: `v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, separated by spaces
 * (Standard Webhooks 1.0, "Signature scheme").
 *
 * @throws RangeError without a secret or with a fraction of a second: nothing leaves unsigned, so both are faults.
 */
export function sign({ id, timestampSeconds, body, secrets }: SigningInput): string {
  if (secrets.length === 0) throw new RangeError('A message cannot be signed without a secret');
  if (!Number.isSafeInteger(timestampSeconds)) throw new RangeError('A signature needs a timestamp in whole seconds');
  const prefix = `${id}.${timestampSeconds}.`;
  return secrets
    .map((secret) => `v1,${createHmac('sha256', secret).update(prefix).update(body).digest('base64')}`)
    .join(' ');
}

/** All headers that Signpost sends with an event, names in lower case. Throws as {@link sign} does. */
export function signedHeaders(input: SigningInput & { readonly userAgent: string }): Record<string, string> {
  return {
    'webhook-id': input.id,
    'webhook-timestamp': String(input.timestampSeconds),
    'webhook-signature': sign(input),
    'content-type': 'application/json',
    'user-agent': input.userAgent,
  };
}

export interface SecretPair {
  readonly current: Buffer;
  /** The secret before the last rotation, if any. */
  readonly previous: Buffer | null;
  /** The end of the overlap, exclusive, in milliseconds since 1970; without it the previous secret is not valid. */
  readonly previousValidUntilMs: number | null;
}

/** The secrets that sign at a moment: the current one, then, during the overlap after a rotation, the previous one. */
export function secretsValidAt(pair: SecretPair, nowMs: number): Buffer[] {
  const { current, previous, previousValidUntilMs } = pair;
  const overlaps = previousValidUntilMs !== null && nowMs < previousValidUntilMs;
  return previous !== null && overlaps ? [current, previous] : [current];
}
