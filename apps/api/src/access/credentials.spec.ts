import { readCredentials } from './credentials';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('readCredentials', () => {
  it('reads a bearer token, whatever the case of the scheme', () => {
    expect(readCredentials('Bearer abc.def')).toEqual({ kind: 'bearer', token: 'abc.def' });
    expect(readCredentials('bearer  abc ')).toEqual({ kind: 'bearer', token: 'abc' });
  });

  it('reads key and secret, which may hold colons', () => {
    expect(readCredentials(`Basic ${base64('spk_1:whsec_a:b')}`)).toEqual({
      kind: 'basic',
      key: 'spk_1',
      secret: 'whsec_a:b',
    });
    expect(readCredentials(`BASIC ${base64(':')}`)).toEqual({ kind: 'basic', key: '', secret: '' });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer a b',
    'Basic',
    'Basic !',
    `Basic ${base64('no colon')}`,
    'Digest x',
    base64('a:b'),
  ])('finds none in %p', (header) => {
    expect(readCredentials(header)).toEqual({ kind: 'none' });
  });
});
