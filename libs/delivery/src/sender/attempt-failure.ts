import { assertNever, attemptErrorSentence, type AttemptErrorCode } from '@signpost/domain';

/** Why an attempt ended without a usable answer; the sentence is fit for the log. */
export interface AttemptFailure {
  readonly code: AttemptErrorCode;
  readonly message: string;
}

/** How far an attempt has come. `exchange`: connected and nothing received yet; `body`: the response headers are in. */
export type AttemptStage = 'lookup' | 'connect' | 'tls' | 'exchange' | 'body';

/** Carries a failure through code that passes errors on. undici never takes its `code` for a reason to try again. */
export class AttemptFailureError extends Error {
  readonly code = 'SIGNPOST_ATTEMPT_FAILURE';

  constructor(readonly failure: AttemptFailure) {
    super(failure.message);
  }
}

const DNS_DETAILS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'it does not exist or has no address',
  ENODATA: 'it has no address',
  ETIMEOUT: 'its name servers did not answer',
  EAI_AGAIN: 'its name servers did not answer',
  ESERVFAIL: 'its name servers failed to answer',
  EBADNAME: 'it is not a valid host name',
};

const SYSTEM_ERRORS: Readonly<Record<string, AttemptErrorCode>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',
  ETIMEDOUT: 'connection_timeout',
  EHOSTUNREACH: 'host_unreachable',
  EHOSTDOWN: 'host_unreachable',
  ENETUNREACH: 'host_unreachable',
  ENETDOWN: 'host_unreachable',
  EADDRNOTAVAIL: 'host_unreachable',
  EAFNOSUPPORT: 'host_unreachable',
  EACCES: 'host_unreachable',
  EPERM: 'host_unreachable',
};

/**
 * Says what an error of the socket, of TLS, of the resolver or of undici means.
 * @param host - host and port as the URL names them
 */
export function failureOfError(error: unknown, stage: AttemptStage, host: string): AttemptFailure {
  if (error instanceof AttemptFailureError) return error.failure;
  const errorCode = textOf(error, 'code');
  const detail = textOf(error, 'message');
  switch (stage) {
    case 'lookup':
      return failure('dns_failure', host, DNS_DETAILS[errorCode] ?? (errorCode || detail));
    case 'connect':
      return failure(SYSTEM_ERRORS[errorCode] ?? 'unknown_error', host, detail);
    case 'tls':
      return tlsFailure(errorCode, detail, host);
    case 'exchange':
    case 'body':
      if (textOf(error, 'name') === 'HTTPParserError') return failure('invalid_response', host, parserReason(detail));
      return exchangeFailure(errorCode, detail, stage, host);
    default:
      return assertNever(stage);
  }
}

/** The failure of an attempt whose time ran out at this stage. */
export function failureOfTimeout(stage: AttemptStage, host: string, timeoutMs: number): AttemptFailure {
  switch (stage) {
    case 'lookup':
      return failure('dns_failure', host, `its name servers did not answer within ${timeoutMs} ms`);
    case 'connect':
      return { code: 'connection_timeout', message: attemptErrorSentence('connection_timeout', { host, timeoutMs }) };
    case 'tls': {
      const sentence = attemptErrorSentence('connection_timeout', { host, timeoutMs });
      return { code: 'connection_timeout', message: `${sentence} The TLS handshake was not finished.` };
    }
    case 'exchange':
      return { code: 'headers_timeout', message: attemptErrorSentence('headers_timeout', { host, timeoutMs }) };
    case 'body':
      return { code: 'body_timeout', message: attemptErrorSentence('body_timeout', { host, timeoutMs }) };
    default:
      return assertNever(stage);
  }
}

/** @param detail - a short technical cause, shown in brackets where the sentence has room for one */
export function failure(code: AttemptErrorCode, host: string, detail?: string): AttemptFailure {
  return { code, message: attemptErrorSentence(code, { host, ...(detail === undefined ? {} : { detail }) }) };
}

function tlsFailure(errorCode: string, detail: string, host: string): AttemptFailure {
  const code = SYSTEM_ERRORS[errorCode];
  if (code !== undefined) {
    return { code, message: `${failure(code, host).message} The TLS handshake was not finished.` };
  }
  if (errorCode === 'ERR_SSL_WRONG_VERSION_NUMBER' || errorCode === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return failure('tls_error', host, 'the endpoint does not speak TLS on this port');
  }
  return failure('tls_error', host, isOpensslText(detail) ? errorCode : firstSentence(detail));
}

function exchangeFailure(errorCode: string, detail: string, stage: AttemptStage, host: string): AttemptFailure {
  // An assertion of undici fails when the endpoint sends what undici takes for impossible. The error's text is undici's source code.
  if (errorCode === 'ERR_ASSERTION') return failure('invalid_response', host, 'it breaks the rules of HTTP');
  if (errorCode === 'UND_ERR_HEADERS_OVERFLOW') return failure('headers_too_large', host);
  if (errorCode === 'UND_ERR_SOCKET' && detail.startsWith('bad ')) return failure('invalid_response', host, detail);
  if (errorCode === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    const detailOfLength = 'the body does not have the length that its headers say';
    return stage === 'body' ? failure('connection_reset', host) : failure('invalid_response', host, detailOfLength);
  }
  if (errorCode === 'UND_ERR_SOCKET' || errorCode === 'ETIMEDOUT') return failure('connection_reset', host);
  if (errorCode.startsWith('ERR_SSL_')) return tlsFailure(errorCode, detail, host);
  return failure(SYSTEM_ERRORS[errorCode] ?? 'unknown_error', host, detail);
}

/** A property of an error as text; errors may come from another realm, so their class says nothing. */
function textOf(error: unknown, property: 'code' | 'message' | 'name'): string {
  if (typeof error !== 'object' || error === null) return property === 'message' ? String(error) : '';
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : '';
}

/** undici wraps the parser's reason: "Response does not match the HTTP/1.1 protocol (Invalid header token)". */
function parserReason(detail: string): string {
  return /\(([^)]+)\)$/.exec(detail)?.[1] ?? detail;
}

/** OpenSSL's own error texts consist of thread numbers and source files: the error's code says more. */
function isOpensslText(detail: string): boolean {
  return detail.includes(':error:') || detail.startsWith('error:');
}

function firstSentence(detail: string): string {
  return detail.split(/\.\s/, 1)[0] ?? detail;
}
