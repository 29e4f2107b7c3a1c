import { ERROR_CODES, SignpostError, type ErrorCode } from './signpost-error';

describe('SignpostError', () => {
  it('carries the code, its fixed title and the public message, and keeps the internal one apart', () => {
    const cause = new Error('socket closed');
    const error = new SignpostError('unavailable', 'Try again soon.', {
      internal: 'PostgreSQL refused the connection',
      retryAfterSeconds: 5,
      details: { component: 'database' },
      cause,
    });
    expect(error).toMatchObject({
      code: 'unavailable',
      title: ERROR_CODES.unavailable,
      publicMessage: 'Try again soon.',
    });
    expect(error).toMatchObject({ retryAfterSeconds: 5, details: { component: 'database' }, fields: [], cause });
    expect(error.message).toBe('Try again soon.');
    expect(error.internal).toBe('PostgreSQL refused the connection');
    expect(String(error)).toBe('SignpostError: Try again soon.');
  });

  it('lists the fields that broke a rule', () => {
    const fields = [{ field: 'events[3].type', rule: 'unknown_event_type', message: 'There is no such event type.' }];
    expect(new SignpostError('validation_failed', 'One field is not valid.', { fields }).fields).toEqual(fields);
  });

  it('has nothing but what it was given', () => {
    const error = new SignpostError('not_found', 'There is no such webhook.');
    expect([error.internal, error.retryAfterSeconds, error.details, error.cause]).toEqual(Array(4).fill(undefined));
  });

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('has a title for %s that is no sentence', (code) => {
    expect(ERROR_CODES[code]).toMatch(/^[A-Z].*[^.]$/);
  });
});
