import fc from 'fast-check';
import { ATTEMPT_ERROR_CODES, type AttemptErrorCode, type ReceivedResponse, type SendResult } from './attempt';
import { judge, type JudgedAttempt } from './judge';
import { DEFAULT_RETRY_SCHEDULE_MS, RETRY_AFTER_MAX_MS } from './retry-schedule';

const NOW_MS = Date.UTC(2026, 2, 14);
const policy = { scheduleMs: DEFAULT_RETRY_SCHEDULE_MS };
const timings = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 12, totalMs: 15 };
const first: JudgedAttempt = { attemptsMade: 1, nowMs: NOW_MS, random: 0.5, manual: false };

function received(statusCode: number, headers: ReceivedResponse['headers'] = {}): ReceivedResponse {
  return { statusCode, headers, body: '', bodyTruncated: false };
}

function answered(statusCode: number, headers: ReceivedResponse['headers'] = {}): SendResult {
  return { kind: 'response', response: received(statusCode, headers), timings };
}

function erred(code: AttemptErrorCode, response: ReceivedResponse | null = null): SendResult {
  return { kind: 'error', code, message: 'It did not work.', response, timings };
}

const anyStatus = fc.integer({ min: 100, max: 999 });
const anyRetryAfter = fc.option(fc.oneof(fc.nat().map(String), fc.string()), { nil: undefined });
const anyResult = fc.oneof(
  fc
    .tuple(anyStatus, anyRetryAfter)
    .map(([status, value]) => answered(status, value === undefined ? {} : { 'retry-after': value })),
  fc.constantFrom(...ATTEMPT_ERROR_CODES).map((code) => erred(code)),
);
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('judge', () => {
  it.each([false, true])('delivers on every 2xx and on nothing else, manual: %p', (manual) => {
    const statuses = Array.from({ length: 900 }, (_, place) => 100 + place);
    const delivered = statuses.filter((status) => {
      return judge(answered(status), { ...first, manual }, policy).kind === 'delivered';
    });
    expect(delivered).toEqual(statuses.filter((status) => String(status).startsWith('2')));
  });

  it('retries a failure after the next delay of the schedule and says what the endpoint answered', () => {
    expect(judge(answered(503), first, policy)).toEqual({
      kind: 'retry',
      delayMs: 5_000,
      errorCode: 'http_error',
      message: 'The endpoint answered 503 Service Unavailable.',
    });
    expect(judge(answered(400), first, policy)).toMatchObject({ errorCode: 'http_error' });
    expect(judge(answered(799), first, policy)).toMatchObject({ message: 'The endpoint answered 799.' });
  });

  it('takes every redirect as a failure, and leaves how to mend it to the hint', () => {
    for (const status of [300, 301, 302, 303, 307, 308, 399]) {
      expect(judge(answered(status), first, policy)).toMatchObject({
        kind: 'retry',
        errorCode: 'redirect_refused',
        message: expect.stringMatching(/^The endpoint answered .*\. Redirects are not followed\.$/),
      });
    }
  });

  it('takes 304, which leads nowhere, for an answer that is no success, not for a redirect', () => {
    expect(judge(answered(304), first, policy)).toMatchObject({
      kind: 'retry',
      errorCode: 'http_error',
      message: 'The endpoint answered 304 Not Modified.',
    });
  });

  it('passes the code and the sentence of an error on', () => {
    expect(judge(erred('dns_failure'), first, policy)).toEqual({
      kind: 'retry',
      delayMs: 5_000,
      errorCode: 'dns_failure',
      message: 'It did not work.',
    });
  });

  it('fails when the last attempt of the schedule failed', () => {
    const verdict = judge(answered(500), { ...first, attemptsMade: 10 }, policy);
    expect(verdict).toMatchObject({ kind: 'failed', errorCode: 'http_error', disableWebhook: false });
  });

  it.each([false, true])('fails at once and disables the webhook on 410, manual: %p', (manual) => {
    expect(judge(answered(410), { ...first, manual }, policy)).toMatchObject({
      kind: 'failed',
      errorCode: 'http_error',
      disableWebhook: true,
      message: expect.stringContaining('410 Gone'),
    });
  });

  it('honours Retry-After of any failure, also of an answer that broke off', () => {
    const headers = { 'retry-after': '90' };
    for (const result of [
      answered(429, headers),
      answered(503, headers),
      answered(400, headers),
      answered(302, headers),
    ]) {
      expect(judge(result, first, policy)).toMatchObject({ kind: 'retry', delayMs: 90_000 });
    }
    const brokenOff = erred('body_timeout', received(503, headers));
    expect(judge(brokenOff, first, policy)).toMatchObject({ kind: 'retry', delayMs: 90_000 });
    const date = { 'retry-after': new Date(NOW_MS + 3_600_000).toUTCString() };
    expect(judge(answered(503, date), first, policy)).toMatchObject({ delayMs: 3_600_000 });
  });

  it('reads the first of several Retry-After headers', () => {
    const result = answered(503, { 'retry-after': ['60', '900'] });
    expect(judge(result, first, policy)).toMatchObject({ delayMs: 60_000 });
  });

  it('lets the automatic schedule stand when a manual attempt fails, also when it is exhausted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), (attemptsMade) => {
        const verdict = judge(answered(500, { 'retry-after': '5' }), { ...first, attemptsMade, manual: true }, policy);
        expect(verdict).toMatchObject({ kind: 'retry', delayMs: null, errorCode: 'http_error' });
      }),
    );
  });

  it('always ends: no endpoint gets more automatic attempts than the schedule has entries', () => {
    const anySchedule = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(anySchedule, fc.infiniteStream(anyResult), anyRandom, (scheduleMs, results, random) => {
        let attemptsMade = 0;
        for (const result of results) {
          attemptsMade += 1;
          const verdict = judge(result, { attemptsMade, nowMs: NOW_MS, random, manual: false }, { scheduleMs });
          if (verdict.kind !== 'retry') break;
        }
        expect(attemptsMade).toBeLessThanOrEqual(scheduleMs.length);
      }),
    );
  });

  it('only ever delays because of Retry-After, by 24 h at most', () => {
    fc.assert(
      fc.property(
        anyStatus,
        anyRetryAfter,
        fc.integer({ min: 1, max: 9 }),
        anyRandom,
        (status, value, attemptsMade, random) => {
          const attempt = { attemptsMade, nowMs: NOW_MS, random, manual: false };
          const plain = judge(answered(status), attempt, policy);
          const asked = judge(answered(status, value === undefined ? {} : { 'retry-after': value }), attempt, policy);
          expect(asked.kind).toBe(plain.kind);
          if (asked.kind !== 'retry' || plain.kind !== 'retry') return;
          const [askedMs, plainMs] = [asked.delayMs ?? -1, plain.delayMs ?? -1];
          expect(askedMs).toBeGreaterThanOrEqual(plainMs);
          expect(askedMs).toBeLessThanOrEqual(Math.max(plainMs, RETRY_AFTER_MAX_MS));
        },
      ),
    );
  });

  it('gives every verdict but delivered a code and a sentence', () => {
    fc.assert(
      fc.property(anyResult, fc.boolean(), (result, manual) => {
        const verdict = judge(result, { ...first, manual }, policy);
        if (verdict.kind === 'delivered') return;
        expect(ATTEMPT_ERROR_CODES).toContain(verdict.errorCode);
        expect(verdict.message).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });
});
