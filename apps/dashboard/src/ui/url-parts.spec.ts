import { urlParts } from './url-parts';

describe('urlParts', () => {
  it.each([
    ['https://shop.example.com:8080/a.b/c?d=e&f', 'https://shop|.example|.com|:8080/|a.b/|c?|d=e&|f'],
    ['http://[::1]/hooks', 'http://[|::1]/|hooks'],
    ['https://x', 'https://x'],
    ['Deleted webhook', 'Deleted webhook'],
  ])('breaks %s between words, and loses nothing', (url, parts) => {
    expect(urlParts(url).join('|')).toBe(parts);
    expect(urlParts(url).join('')).toBe(url);
  });
});
