/** Why an attempt did not deliver, in a few words, for lists; the attempt itself has the whole sentence. */
export const ERROR_CODES: Readonly<Record<string, string>> = {
  http_error: 'Answered with an error',
  connection_refused: 'Connection refused',
  connection_reset: 'Connection reset',
  connection_timeout: 'No connection in time',
  host_unreachable: 'Host unreachable',
  dns_failure: 'Name not found',
  tls_error: 'TLS failed',
  headers_timeout: 'No answer in time',
  body_timeout: 'Answer not finished in time',
  headers_too_large: 'Headers too large',
  invalid_response: 'No valid HTTP',
  redirect_refused: 'Redirect not followed',
  forbidden_address: 'Forbidden address',
  invalid_url: 'Invalid URL',
  webhook_disabled: 'Webhook disabled',
  webhook_deleted: 'Webhook deleted',
  payload_expired: 'Payload past its retention',
  unknown_error: 'Unknown error',
};

/** "503", "Connection refused": what came of an attempt. */
export function outcomeText(statusCode: number | null, errorCode: string | null): string {
  if (statusCode !== null) return String(statusCode);
  if (errorCode === null) return 'None yet';
  return ERROR_CODES[errorCode] ?? errorCode;
}

export const TRIGGERS = {
  schedule: 'Automatic',
  manual: 'By hand',
  recovery: 'Recovery',
  test: 'Test',
} as const;
