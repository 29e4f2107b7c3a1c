import { niceMaximum } from './chart-scale';

describe('niceMaximum', () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [10, 10],
    [11, 20],
    [740, 1_000],
    [0.3, 0.5],
  ])('ends a scale for %d at %d', (value, maximum) => {
    expect(niceMaximum(value)).toBeCloseTo(maximum, 10);
  });
});
