import { urlAdvice } from './url-advice';

describe('urlAdvice', () => {
  it.each(['', 'shop', 'ftp://shop.example.com', 'https://user:secret@shop.example.com'])('finds %p wrong', (url) => {
    expect(urlAdvice(url)?.kind).toBe('wrong');
  });

  it('finds a URL wrong that is too long to be sent to, and says by how much', () => {
    const url = 'https://shop.example.com/'.padEnd(2_048, 'a');
    expect(urlAdvice(url)).toBeNull();
    expect(urlAdvice(`${url}a`)).toEqual({
      kind: 'wrong',
      text: 'The URL has 2,049 characters; it may have 2,048 at most.',
    });
  });

  it.each([
    'http://shop.example.com',
    'https://localhost:3000',
    'https://10.1.2.3/x',
    'http://[::1]/',
    'https://172.20.0.1',
  ])('warns of %p', (url) => {
    expect(urlAdvice(url)?.kind).toBe('warning');
  });

  it.each(['https://shop.example.com/hooks', ' https://172.32.0.1/ '])('has nothing against %p', (url) => {
    expect(urlAdvice(url)).toBeNull();
  });
});
