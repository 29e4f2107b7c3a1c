import { noticeOf } from './notice';
import { problemFrom, unreachable } from './problem-error';

const answer = (status: number, body: object | string, headers: Record<string, string> = {}) =>
  problemFrom(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }));

describe('noticeOf', () => {
  it('says what happened in the words of the API, and what to do', async () => {
    const error = await answer(409, {
      code: 'no_active_api_key',
      status: 409,
      title: 'No key',
      detail: 'There is none.',
    });
    expect(noticeOf(error)).toEqual({
      title: 'No key',
      detail: 'There is none.',
      advice: 'Add an API key, or activate one, under Settings → API.',
      reference: null,
    });
  });

  it('says how long to wait', async () => {
    const problem = { code: 'rate_limited', status: 429, title: 'Too many', detail: 'Too many requests.' };
    expect(noticeOf(await answer(429, problem, { 'retry-after': '7' })).advice).toBe('Wait 7 seconds, then try again.');
  });

  it('names the request where only the log knows more', async () => {
    const instance = 'urn:uuid:0b7c';
    const error = await answer(500, { code: 'internal_error', status: 500, title: 'Error', detail: 'Oh.', instance });
    expect(noticeOf(error).reference).toBe('0b7c');
  });

  it('says that a change may have been made whose answer was lost, or taken by a proxy', async () => {
    const lost = [unreachable(new TypeError('fetch failed')), await answer(504, '<html>')];
    for (const error of lost) expect(noticeOf(error).advice).toContain('may be changed all the same');
    expect(noticeOf(await answer(413, '<html>')).advice).not.toContain('may be changed');
  });

  it('speaks of no change and of no form to those who only read', async () => {
    const detail = 'since must be before until.';
    const invalid = { code: 'validation_failed', status: 400, title: 'Not valid', detail };
    for (const error of [unreachable(new TypeError('fetch failed')), await answer(400, invalid)]) {
      expect(noticeOf(error, 'reading').advice).not.toMatch(/chang|save/);
    }
    expect(noticeOf(await answer(400, invalid), 'reading').detail).toBe('From must be before To.');
  });

  it('speaks of no credentials to who is signed out, and of nothing changed to who sent a dummy', async () => {
    const problem = {
      code: 'unauthenticated',
      status: 401,
      title: 'Authentication',
      detail: 'The credentials are bad.',
    };
    expect(noticeOf(await answer(401, problem))).toMatchObject({
      title: 'You are signed out',
      detail: 'Your session has ended.',
    });
    expect(noticeOf(unreachable(new TypeError('fetch failed')), 'sending').advice).toContain('may have been sent');
  });

  it('has words for an answer that is not of the API, for none, and for what broke in the page itself', async () => {
    expect(noticeOf(await answer(502, '<html>')).detail).toContain('502');
    expect(noticeOf(unreachable(new TypeError('fetch failed'))).title).toBe('No connection');
    expect(noticeOf(new Error('x is undefined')).title).toBe('Something broke in this page');
  });
});
