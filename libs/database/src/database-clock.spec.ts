import type { QueryResultRow } from 'pg';
import { DatabaseClock } from './database-clock';

const HOUR_MS = 3_600_000;

let database: { nowMs: number; asked: number };
let passedMs: number;
let skippedMs: number;
let clock: DatabaseClock;

beforeEach(async () => {
  database = { nowMs: 1e12, asked: 0 };
  [passedMs, skippedMs] = [0, 0];
  const sql = {
    run: async <Row extends QueryResultRow>() => {
      database.asked += 1;
      return [{ now_ms: database.nowMs }] as unknown as Row[];
    },
  };
  clock = new DatabaseClock(
    sql,
    () => passedMs,
    () => passedMs + skippedMs,
  );
  await clock.start();
});
afterEach(() => clock.stop());

/** What was asked has been answered. */
const answers = () => new Promise((resolve) => setImmediate(resolve));

describe('the clock of PostgreSQL', () => {
  it('goes on here, and PostgreSQL is not asked each time', () => {
    passedMs += 5_000;
    expect(clock.nowMs()).toBe(1e12 + 5_000);
    expect(database.asked).toBe(1);
  });

  it('does not go forward with that of the machine', async () => {
    skippedMs += 24 * HOUR_MS;
    expect(clock.nowMs()).toBe(1e12);
    await answers();
    expect(clock.nowMs()).toBe(1e12);
  });

  it('is heard anew, once and at once, when the machine may have been suspended', async () => {
    [skippedMs, database.nowMs] = [HOUR_MS, 1e12 + HOUR_MS];
    clock.nowMs();
    clock.nowMs();
    await answers();
    expect(clock.nowMs()).toBe(1e12 + HOUR_MS);
    expect(database.asked).toBe(2);
  });
});
