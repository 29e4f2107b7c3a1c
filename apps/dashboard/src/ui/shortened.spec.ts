import { shortened } from './shortened';

describe('shortened', () => {
  it('leaves out the middle of a long word, and nothing else', () => {
    const url = `https://shop.example.com/${'a'.repeat(2_000)}/the-end`;
    const text = shortened(`${url} is saved.`);
    expect(text).toMatch(/^https:\/\/shop\.example\.com\/a+…a+\/the-end is saved\.$/);
    expect(text).toHaveLength(80 + ' is saved.'.length);
  });

  it('leaves words alone that have their place, however many they are', () => {
    const text = 'a short word '.repeat(20);
    expect(shortened(text)).toBe(text);
  });
});
