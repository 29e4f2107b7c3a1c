import { summarizeDrain } from './drain';

function receipts(ids: readonly string[], everyMs: number, inFlight = 1) {
  return {
    ids,
    paths: ids.map(() => '/'),
    atMs: Float64Array.from(ids, (_, index) => 500 + index * everyMs),
    inFlight: Float64Array.from(ids, () => inFlight),
  };
}

const AGES = new Map(['a', 'b', 'c', 'd'].map((id, age) => [id, age]));

describe('summarizeDrain', () => {
  it('counts what comes in the first second and in any second', () => {
    const drain = summarizeDrain(receipts(['a', 'b', 'c', 'd'], 400, 3), AGES);
    expect(drain).toMatchObject({ received: 4, inFirstSecond: 3, perSecondMax: 3, inFlightMax: 3 });
    expect(drain).toMatchObject({ displacedMax: 0, leftBehind: 0 });
  });

  it('says how far out of its turn a delivery came, and how many older ones were left behind', () => {
    expect(summarizeDrain(receipts(['c', 'b', 'a'], 1), AGES)).toMatchObject({ displacedMax: 2, leftBehind: 0 });
    expect(summarizeDrain(receipts(['a', 'd'], 1), AGES)).toMatchObject({ displacedMax: 0, leftBehind: 2 });
  });

  it('looks past events that are not of the backlog', () => {
    expect(summarizeDrain(receipts(['a', 'new', 'b'], 1), AGES)).toMatchObject({ received: 3, displacedMax: 0 });
  });

  it('is nothing of an endpoint that received nothing', () => {
    expect(summarizeDrain(receipts([], 1), AGES)).toMatchObject({ received: 0, perSecondMax: 0, leftBehind: 0 });
  });
});
