import { ATTEMPT_ERROR_CODES } from './attempt';
import { attemptErrorHint, attemptErrorSentence } from './attempt-error-sentence';
import { httpStatusText } from './http-status-text';

describe('attemptErrorSentence', () => {
  it.each(ATTEMPT_ERROR_CODES)('says %s in a plain sentence, with and without context', (code) => {
    const context = {
      host: 'erp.example.com',
      address: '203.0.113.7',
      statusCode: 503,
      timeoutMs: 15_000,
      detail: 'why',
    };
    for (const sentence of [attemptErrorSentence(code), attemptErrorSentence(code, context), attemptErrorHint(code)]) {
      expect(sentence).toMatch(/^[A-Z].*[^ .]\.$/);
      expect(sentence).not.toMatch(/undefined|NaN| {2}/);
    }
  });

  it('names the host, the address and the limit', () => {
    const context = { host: 'erp.example.com', address: '10.0.0.7', timeoutMs: 2_500 };
    expect(attemptErrorSentence('forbidden_address', context)).toBe(
      'The address of "erp.example.com" (10.0.0.7) is private or reserved, so no request was sent.',
    );
    expect(attemptErrorSentence('connection_timeout', context)).toBe(
      'No connection to "erp.example.com" (10.0.0.7) could be made within 2.5 s.',
    );
    expect(attemptErrorSentence('headers_timeout', { timeoutMs: 250 })).toBe(
      'The request was sent, but the endpoint did not answer within 250 ms.',
    );
  });
});

describe('httpStatusText', () => {
  it('names registered statuses and leaves others as numbers', () => {
    expect(httpStatusText(429)).toBe('429 Too Many Requests');
    expect(httpStatusText(299)).toBe('299');
  });
});
