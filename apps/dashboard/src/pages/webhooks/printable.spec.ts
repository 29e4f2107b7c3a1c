import { printable } from './printable';

describe('printable', () => {
  it('shows an escape sequence instead of acting on it', () => {
    expect(printable('\u001b[31mred')).toBe('␛[31mred');
  });

  it('leaves lines, tabs and letters of any script as they are', () => {
    expect(printable('a\r\nb\tc\nÄ 日本 👩‍🚀')).toBe('a\nb\tc\nÄ 日本 👩‍🚀');
  });

  it('lets no character turn the direction of the text around it', () => {
    expect(printable('a\u202ecba')).toBe('a\ufffdcba');
  });
});
