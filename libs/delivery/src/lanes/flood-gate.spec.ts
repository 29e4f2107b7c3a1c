import { leasedDelivery, webhookId } from '../testing/deliveries';
import { FloodGate } from './flood-gate';
import { Lane } from './lane';

let other: Lane;
let another: Lane;

let busyShare: number;
let nowMs: number;
let gate: FloodGate;

beforeEach(() => {
  busyShare = 0;
  nowMs = 0;
  gate = new FloodGate(() => busyShare);
  other = new Lane(webhookId(1), 8, 100);
  another = new Lane(webhookId(2), 8, 100);
});

function flood(lane: Lane): void {
  for (let n = 0; n < 100; n += 1) lane.put(leasedDelivery(n));
}

/** How many attempts for flooded lanes may be begun at this moment, if none ends. */
function passing(inFlight: number): number {
  for (let begun = 0; begun < 1_000; begun += 1) if (!gate.pass(inFlight + begun, nowMs)) return begun;
  return Infinity;
}

/** For a while, serves other webhooks, and flooded ones with as many requests in flight as the gate allows. */
function goOn(ms: number): number {
  let inFlight = 0;
  for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 25) {
    gate.othersServed(other, nowMs);
    inFlight = passing(0);
  }
  return inFlight;
}

describe('the gate of flooded webhooks', () => {
  it('lets everything pass while nobody else is served', () => {
    busyShare = 1;
    expect(passing(0)).toBe(Infinity);
  });

  it('leaves few requests in flight while there are others and the event loop is busy, and ever more when it has time', () => {
    const idle = [goOn(1_000), goOn(1_000)];
    expect(idle[0]).toBeGreaterThan(30);
    expect(idle[1]).toBeGreaterThan(70);

    busyShare = 1;
    expect(goOn(500)).toBe(10);
    busyShare = 0.15;
    expect(goOn(1_000)).toBeGreaterThan(30);
  });

  it('goes on at a low rate, however many requests to slow endpoints are in flight', () => {
    busyShare = 1;
    gate.othersServed(other, nowMs);
    expect(passing(500)).toBe(10);
    nowMs += 24;
    expect(passing(500)).toBe(0);
    nowMs += 1;
    expect(passing(500)).toBe(10);
  });

  it('leaves others less, up to a bound, the longer it has held something back all the time', () => {
    const [moderate, much] = [0.35, 0.9];
    busyShare = moderate;
    expect(goOn(30_000)).toBe(10);
    goOn(30_000);
    expect(goOn(1_000)).toBeGreaterThan(30);
    busyShare = much;
    expect(goOn(600_000)).toBe(10);

    // A flood that has passed freely for a second counts as no longer held back.
    busyShare = 0;
    for (const endMs = nowMs + 1_500; nowMs < endMs; nowMs += 25) {
      gate.othersServed(other, nowMs);
      expect(gate.pass(0, nowMs)).toBe(true);
    }
    busyShare = moderate;
    expect(goOn(1_000)).toBe(10);
  });

  it('is open as soon as much waits for all others, too', () => {
    busyShare = 1;
    goOn(500);
    gate.othersServed(another, nowMs);
    flood(other);
    expect(passing(500)).toBe(10);
    flood(another);
    expect(passing(500)).toBe(Infinity);
  });

  it('is open again a second after the last of the others', () => {
    busyShare = 1;
    goOn(500);
    gate.othersServed(other, nowMs);
    nowMs += 999;
    expect(passing(0)).not.toBe(Infinity);
    nowMs += 1;
    expect(passing(0)).toBe(Infinity);
  });
});
