import { localUrl } from './local-url';

describe('localUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['0.0.0.0', 'http://localhost:3000'],
    ['::', 'http://localhost:3000'],
    ['::1', 'http://[::1]:3000'],
    ['hooks.example.com', 'http://hooks.example.com:3000'],
  ])('of %s is one that a browser on this machine can follow', (host, url) => {
    expect(localUrl(host, 3000)).toBe(url);
    expect(new URL(url).port).toBe('3000');
  });
});
