import { countdownText, durationText } from './duration-text';

describe('countdownText', () => {
  it.each([
    [-1, null],
    [0, null],
    [400, 'in 1 s'],
    [245_000, 'in 4 min 5 s'],
    [7_380_000, 'in 2 h 3 min'],
    [7_200_000, 'in 2 h'],
    [90_000_000, 'in 1 d 1 h'],
  ])('says of %d ms: %s', (ms, text) => {
    expect(countdownText(ms)).toBe(text);
  });
});

describe('durationText', () => {
  it.each([
    [12.4, '12 ms'],
    [1_240, '1.2 s'],
    [15_000, '15 s'],
  ])('says of %d ms: %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
