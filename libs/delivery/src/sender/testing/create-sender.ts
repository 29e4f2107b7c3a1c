import type { OutgoingRequest } from '@signpost/domain';
import { EgressPolicy } from '../egress-policy';
import { HttpSender, type HttpSenderOptions } from '../http-sender';

/** Loopback, opened for the receivers of the tests. */
const LOOPBACK_ALLOWED = new EgressPolicy({ allow: ['127.0.0.0/8', '::1/128'], httpsOnly: false });

/** A sender with the limits of production and a time limit that no good test reaches. */
export function createSender(options: Partial<HttpSenderOptions> = {}): HttpSender {
  return new HttpSender({
    policy: LOOPBACK_ALLOWED,
    attemptTimeoutMs: 20_000,
    responseBytesReadMax: 65_536,
    responseBytesKeptMax: 16_384,
    responseHeaderBytesMax: 16_384,
    ...options,
  });
}

/** A small event for the URL. */
export function requestTo(url: string, body = '{"type":"order.create"}'): OutgoingRequest {
  return { url, headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' }, body: Buffer.from(body) };
}
