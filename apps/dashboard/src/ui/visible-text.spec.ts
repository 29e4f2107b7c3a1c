import { readableText, visibleText } from './visible-text';

describe('visibleText', () => {
  it('shows the escape of a terminal as a sign, so that it colours nothing', () => {
    expect(visibleText('\u001b[31mred\u001b[0m\u0000\u007f')).toBe('␛[31mred␛[0m␀␡');
  });

  it('shows what turns the direction of writing', () => {
    expect(visibleText('a\u202eb')).toBe('a‹U+202E›b');
  });

  it('leaves lines, tabs and letters of all languages alone', () => {
    expect(visibleText('Zoë\t注文\r\n🙂')).toBe('Zoë\t注文\n🙂');
  });
});

describe('readableText', () => {
  it('finds nothing to read in spaces and in what has no shape', () => {
    expect(['', ' \t', '\u200b\u2060 ', '\u202e'].map(readableText)).toEqual([null, null, null, null]);
    expect(readableText(' \u202egnp')).toBe(' ‹U+202E›gnp');
  });
});
