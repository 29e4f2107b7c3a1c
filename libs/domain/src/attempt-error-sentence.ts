import { assertNever } from './assert-never';
import type { AttemptErrorCode } from './attempt';
import { httpStatusText } from './http-status-text';

/** What is known about a failed attempt; every part is optional and none may hold a secret. */
export interface AttemptErrorContext {
  /** Host name of the webhook's URL. */
  readonly host?: string;
  /** The address that was or would have been connected to. */
  readonly address?: string;
  readonly statusCode?: number;
  /** The limit that was reached, in milliseconds. */
  readonly timeoutMs?: number;
  /** A short technical cause, such as `certificate has expired`; shown in brackets. */
  readonly detail?: string;
}

/** What happened, as one plain sentence for the log and the dashboard. */
export function attemptErrorSentence(code: AttemptErrorCode, context: AttemptErrorContext = {}): string {
  const host = context.host === undefined ? 'the endpoint' : `"${context.host}"`;
  const at = context.address === undefined ? '' : ` (${context.address})`;
  const within = context.timeoutMs === undefined ? 'in time' : `within ${duration(context.timeoutMs)}`;
  const detail = context.detail === undefined ? '' : ` (${context.detail})`;
  switch (code) {
    case 'invalid_url':
      return `The webhook's URL cannot be used${detail}.`;
    case 'forbidden_address':
      return `The address of ${host}${at} is private or reserved, so no request was sent.`;
    case 'dns_failure':
      return `The name of ${host} could not be resolved${detail}.`;
    case 'connection_refused':
      return `A connection to ${host}${at} was refused.`;
    case 'connection_reset':
      return `The connection to ${host}${at} was closed before the answer was complete.`;
    case 'connection_timeout':
      return `No connection to ${host}${at} could be made ${within}.`;
    case 'host_unreachable':
      return `There is no route to ${host}${at}.`;
    case 'tls_error':
      return `A secure connection to ${host}${at} could not be made${detail}.`;
    case 'headers_timeout':
      return `The request was sent, but ${host} did not answer ${within}.`;
    case 'body_timeout':
      return `The answer of ${host} began, but was not complete ${within}.`;
    case 'headers_too_large':
      return `The response headers of ${host} are too large.`;
    case 'invalid_response':
      return `The answer of ${host} is not valid HTTP${detail}.`;
    case 'redirect_refused':
      return `The endpoint answered ${status(context)}. Redirects are not followed.`;
    case 'http_error':
      return `The endpoint answered ${status(context)}.`;
    case 'webhook_disabled':
      return 'The webhook was disabled before the request could be sent.';
    case 'webhook_deleted':
      return 'The webhook was deleted before the request could be sent.';
    case 'payload_expired':
      return 'The payload of the event is past its retention, so it cannot be sent any more.';
    case 'unknown_error':
      return `The request failed for an unknown reason${detail}.`;
    default:
      return assertNever(code);
  }
}

/** What the operator can do about it, as one plain sentence. */
export function attemptErrorHint(code: AttemptErrorCode): string {
  switch (code) {
    case 'invalid_url':
      return 'Correct the URL in the webhook’s settings.';
    case 'forbidden_address':
      return 'Use a public address, or add the network to SIGNPOST_EGRESS_ALLOW.';
    case 'dns_failure':
      return 'Check the spelling of the host name and its DNS records.';
    case 'connection_refused':
      return 'Check that the receiver is running and listens on the port of the URL.';
    case 'connection_reset':
      return 'Check the receiver and any proxy in front of it for crashes and limits.';
    case 'connection_timeout':
    case 'host_unreachable':
      return 'Check that the host is up and that no firewall drops the connection.';
    case 'tls_error':
      return 'Check the certificate: its expiry, its host name and the chain of issuers.';
    case 'headers_timeout':
    case 'body_timeout':
      return 'Answer 2xx as soon as the event is stored and do the work afterwards.';
    case 'headers_too_large':
      return 'Send fewer or smaller response headers.';
    case 'invalid_response':
      return 'Check that the URL’s scheme and port belong to an HTTP server.';
    case 'redirect_refused':
      return 'Set the webhook’s URL to the address that the redirect leads to.';
    case 'http_error':
      return 'Look at the response body and at the receiver’s own log.';
    case 'webhook_disabled':
      return 'Enable the webhook, then recover what failed meanwhile.';
    case 'webhook_deleted':
      return 'Nothing needs to be done; create a webhook if the events are still wanted.';
    case 'payload_expired':
      return 'Publish the event anew; SIGNPOST_PAYLOAD_DAYS says how long payloads are kept.';
    case 'unknown_error':
      return 'Look for this attempt in the worker’s log.';
    default:
      return assertNever(code);
  }
}

function status(context: AttemptErrorContext): string {
  return context.statusCode === undefined ? 'with an error' : httpStatusText(context.statusCode);
}

function duration(timeMs: number): string {
  return timeMs < 1_000 ? `${timeMs} ms` : `${Math.round(timeMs / 100) / 10} s`;
}
