import { type Blow, judgeTally } from './judge-tally';
import { pairName, type Receipt, Tally } from './tally';

const EVENT = 'evt_1';

/** One event, accepted after one second, owed to one webhook. */
function tallyOf(...receipts: readonly Receipt[]): Tally {
  const tally = new Tally(['shop']);
  tally.accept({ id: EVENT, orderNumber: 1, acceptedAtMs: 1_000 });
  for (const receipt of receipts) tally.receive('shop', EVENT, receipt);
  return tally;
}

const taken = (atMs: number): Receipt => ({ atMs, outcome: 'taken' });
const refused = (atMs: number): Receipt => ({ atMs, outcome: 'refused' });
const blow = (sinceMs: number, inFlight = 0): Blow => ({ sinceMs, inFlight });

describe('judgeTally', () => {
  it('finds nothing where each event arrived once, and soon', () => {
    expect(judgeTally(tallyOf(taken(1_010)), [blow(500), blow(1_005)])).toEqual({
      accepted: 1,
      arrived: 1,
      lost: 0,
      duplicated: 0,
      duplicatedMax: 0,
      recoveriesMs: [0, 0],
      recoveryMs: 0,
    });
  });

  it('counts as lost what one of the webhooks has not taken', () => {
    const tally = new Tally(['shop', 'stock']);
    tally.accept({ id: EVENT, orderNumber: 1, acceptedAtMs: 0 });
    tally.receive('shop', EVENT, taken(10));
    tally.receive('stock', EVENT, refused(10));
    expect(judgeTally(tally, [])).toMatchObject({ accepted: 1, arrived: 0, lost: 1 });
  });

  it('counts what was taken more than once, but not what follows a refusal', () => {
    const tally = tallyOf(refused(1_010), taken(3_000), taken(3_500), taken(4_000));
    expect(judgeTally(tally, [])).toMatchObject({ arrived: 1, duplicated: 2 });
  });

  it('allows as many duplicates as there were requests in flight at all blows together', () => {
    expect(judgeTally(tallyOf(taken(1_010)), [blow(1, 3), blow(2, 4)])).toMatchObject({ duplicatedMax: 7 });
  });

  it('takes the time from the last blow before a late arrival', () => {
    const verdict = judgeTally(tallyOf(taken(14_000)), [blow(1_500), blow(4_000), blow(15_000)]);
    expect(verdict).toMatchObject({ recoveriesMs: [0, 10_000, 0], recoveryMs: 10_000 });
  });

  it('takes the time of what was accepted after the blow, and late all the same, from its 202', () => {
    expect(judgeTally(tallyOf(taken(9_000)), [blow(200)])).toMatchObject({ recoveryMs: 8_000 });
  });

  it('gives an event that was refused the time of its schedule', () => {
    expect(judgeTally(tallyOf(refused(1_010), taken(4_500)), [blow(1_005)])).toMatchObject({ recoveryMs: 0 });
    expect(judgeTally(tallyOf(refused(1_010), taken(6_005)), [blow(1_005)])).toMatchObject({ recoveryMs: 5_000 });
  });
});

describe('Tally', () => {
  it('names each delivery that was taken once, and none that was only refused', () => {
    expect(tallyOf(refused(1_005), taken(1_010), taken(1_020)).taken()).toEqual([pairName('shop', EVENT)]);
    expect(tallyOf(refused(1_005)).taken()).toEqual([]);
  });
});
