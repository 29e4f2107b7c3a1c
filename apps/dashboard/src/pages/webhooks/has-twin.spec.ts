import { hasTwin } from './has-twin';

const OTHERS = [
  { url: 'https://shop.example.com/', events: ['order.create', 'order.update'], enabled: true },
  { url: 'https://shop.example.com/off', events: ['order.create'], enabled: false },
];

describe('hasTwin', () => {
  it.each(['https://shop.example.com', ' HTTPS://shop.example.com:443/ '])('knows %j again', (url) => {
    expect(hasTwin({ url, events: ['order.create'] }, OTHERS)).toBe(true);
  });

  it.each([
    ['other events', 'https://shop.example.com/', ['order.cancel']],
    ['another URL', 'https://shop.example.com/hooks', ['order.create']],
    ['a webhook that is disabled', 'https://shop.example.com/off', ['order.create']],
    ['half a URL', 'https://', ['order.create']],
  ])('has nothing against %s', (_what, url, events) => {
    expect(hasTwin({ url, events }, OTHERS)).toBe(false);
  });
});
