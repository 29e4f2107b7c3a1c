import { SignpostError } from '@signpost/domain';
import { Client } from 'pg';
import { asUnavailable, isUnavailable } from './unavailable';

const errorOf = (code: string, message = 'no') => Object.assign(new Error(message), { code });

describe('a database that is away', () => {
  it.each([
    'EAI_AGAIN',
    'ENETUNREACH',
    'ENETDOWN',
    'EHOSTDOWN',
    'EADDRNOTAVAIL',
    'EMFILE',
    'ECONNREFUSED',
    'ENOTFOUND',
  ])('is told by the operating system: %s', (code) => {
    expect(isUnavailable(errorOf(code))).toBe(true);
  });

  it.each(['08006', '28000', '28P01', '3D000', '53300', '55000', '57P01', '57P03', '58030', '25006', '25P03'])(
    'is told by PostgreSQL, in whichever language: SQLSTATE %s',
    (code) => {
      expect(isUnavailable(errorOf(code, 'Verbindung wird abgebrochen'))).toBe(true);
    },
  );

  it('is told by a socket file that is not there, and by a certificate that has expired', async () => {
    const client = new Client({ connectionString: 'postgres://u@/db?host=/nowhere-at-all' });
    const error = await client.connect().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect([error, isUnavailable(error)]).toMatchObject([{ code: 'ENOENT' }, true]);
    expect(isUnavailable(errorOf('CERT_HAS_EXPIRED', 'certificate has expired'))).toBe(true);
  });

  it('does not let the caller believe that nothing was done: only the answer to a commit may be missing', () => {
    expect(asUnavailable(errorOf('', 'Connection terminated due to timeout'))).toMatchObject({
      code: 'unavailable',
      publicMessage:
        'The database cannot be reached at the moment. What was asked for may have been done all the same.',
    });
  });
});

it.each([
  errorOf('23505', 'duplicate key'),
  errorOf('42703', 'column does not exist'),
  new TypeError('undefined is not a function'),
  Object.assign(errorOf('ENOENT', 'no such file'), { syscall: 'open' }),
  new SignpostError('not_found', 'There is no ECONNREFUSED.'),
])('takes nothing else for one: %s', (error) => {
  expect(isUnavailable(error)).toBe(false);
});
