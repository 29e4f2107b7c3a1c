import { type EventType, idTimeMs, mintId, SignpostError } from '@signpost/domain';
import fc from 'fast-check';
import type { EventLog, Submission, SubmissionOutcome } from '../ports/event-log';
import type { JobQueue } from '../ports/job-queue';
import { deferred, quiet, storeId } from '../testing/deliveries';
import { Publisher, type PublisherOptions } from './publisher';

const AWAY = new SignpostError('unavailable', 'There is no connection.');
/** PostgreSQL's time; the clock of this machine is wrong. */
const DATABASE_MS = Date.UTC(2031, 6, 1);
const REFUSAL = new Error('invalid byte sequence');

function submission(events: number, of: { type?: EventType; data?: string } = {}): Submission {
  const { type = 'order.create', data = '{}' } = of;
  return {
    storeId: storeId(1),
    fence: null,
    person: null,
    idempotency: null,
    events: Array.from({ length: events }, () => ({
      id: mintId('event', Date.now()),
      type,
      timestamp: '2026-01-01T00:00:00.000Z',
      data,
    })),
  };
}

/** Keeps the groups that it was given. Refuses a whole group that contains poison. */
class Log implements EventLog {
  readonly groups: (readonly Submission[])[] = [];
  readonly accepted: Submission[] = [];
  readonly poison = new Set<Submission>();
  readonly stale = new Set<Submission>();
  underWay = 0;
  underWayMost = 0;
  hold: () => Promise<unknown> = () => Promise.resolve();
  fault: Error | null = null;

  async commit(
    submissions: readonly Submission[],
    batchOf: ReadonlyMap<EventType, unknown>,
  ): Promise<SubmissionOutcome[]> {
    this.underWay += 1;
    this.underWayMost = Math.max(this.underWayMost, this.underWay);
    this.groups.push(submissions);
    await this.hold();
    this.underWay -= 1;
    if (this.fault !== null) throw this.fault;
    if (submissions.some((each) => this.poison.has(each))) throw REFUSAL;
    if (submissions.some(({ events }) => events.some(({ type }) => !batchOf.has(type)))) throw new Error('No batch.');
    return submissions.map((each): SubmissionOutcome => {
      if (this.stale.has(each)) return { kind: 'stale_caller' };
      this.accepted.push(each);
      return { kind: 'accepted', events: each.events };
    });
  }
}

let log: Log;
let batches: Parameters<JobQueue['addBatches']>[0][];
let addBatches: JobQueue['addBatches'];
let faults: unknown[];

beforeEach(() => {
  log = new Log();
  batches = [];
  faults = [];
  addBatches = async (added) => {
    batches.push(added);
  };
});

function newPublisher(options: Partial<PublisherOptions> = {}): Publisher {
  const queue: JobQueue = {
    addBatches: (added) => addBatches(added),
    addWakes: async () => undefined,
    addTest: async () => undefined,
    addRetry: async () => undefined,
    addRecovery: async () => undefined,
  };
  const observer = { committed: () => undefined, enqueueFailed: (error: unknown) => faults.push(error) };
  return new Publisher(log, queue, observer, () => DATABASE_MS, options);
}

describe('a publisher', () => {
  it('commits together what comes in one moment, with one job for each event type', async () => {
    const publisher = newPublisher();
    const types: EventType[] = ['order.create', 'order.update', 'order.create'];
    const outcomes = await Promise.all(types.map((type) => publisher.publish(submission(1, { type }))));

    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(log.groups.map((group) => group.length)).toEqual([3]);
    expect(batches.map((added) => added.map(({ eventType }) => eventType))).toEqual([['order.create', 'order.update']]);
    expect(new Set(batches[0]?.map(({ batchId }) => batchId)).size).toBe(2);
  });

  it('commits bulk apart, so that a single event neither waits for it nor shares its batch', async () => {
    const held = deferred<undefined>();
    log.hold = () => (log.groups.at(-1)?.[0]?.events.length === 1 ? quiet() : held.promise);
    const publisher = newPublisher();
    const bulk = [
      publisher.publish(submission(100)),
      publisher.publish(submission(450)),
      publisher.publish(submission(100)),
    ];
    await quiet();
    await publisher.publish(submission(1));
    expect(batches.flat().map((batch) => batch.bulk)).toEqual([false]);
    expect(log.underWayMost).toBe(2);
    held.resolve(undefined);
    await Promise.all(bulk);
    expect(batches.flat().map((batch) => batch.bulk)).toEqual([false, true, true, true]);
  });

  it('commits bulk of a store before what another one has published much of', async () => {
    const held = deferred<undefined>();
    log.hold = () => held.promise;
    const publisher = newPublisher({ commitEventsMax: 60 });
    const flood = Array.from({ length: 5 }, () => submission(60));
    const other = { ...submission(60), storeId: storeId(2) };
    const answers = [...flood, other].map((each) => publisher.publish(each));
    held.resolve(undefined);
    await Promise.all(answers);
    expect(log.accepted).toEqual([flood[0], other, ...flood.slice(1)]);
    const due = batches.flat().map(({ dueAtMs = NaN }) => dueAtMs);
    expect(due).toEqual(due.toSorted((a, b) => a - b));
    expect(due.at(-1)! - due[0]!).toBeGreaterThan(400);
  });

  it('has bulk due, and of its age, by the time that all processes share', async () => {
    await newPublisher().publish(submission(100));
    expect(batches.flat().map(({ batchId, dueAtMs }) => [idTimeMs(batchId), dueAtMs])).toEqual([
      [DATABASE_MS, DATABASE_MS],
    ]);
  });

  it('lets no store wait longer than seconds for its answer, however much it has published before', async () => {
    const held = deferred<undefined>();
    log.hold = () => held.promise;
    const publisher = newPublisher({ commitEventsMax: 60 });
    const much = [submission(30_000), submission(60)];
    const less = [submission(1_500), submission(60)].map((each) => ({ ...each, storeId: storeId(2) }));
    const answers = [...much, ...less].map((each) => publisher.publish(each));
    held.resolve(undefined);
    await Promise.all(answers);
    // Due in a minute and in three seconds: no submission lets others go first for so long, so the order of arrival counts.
    expect(log.accepted).toEqual([much[0], less[0], much[1], less[1]]);
  });

  it('commits bulk in small groups while single events come, and in large ones when it is alone', async () => {
    const publisher = newPublisher();
    const bulk = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 4 }, () => publisher.publish(submission(100))));
    await bulk();
    await publisher.publish(submission(1));
    await bulk();
    expect(log.groups.map((group) => group.length)).toEqual([4, 1, 1, 1, 1, 1]);
  });

  it('adds jobs only for types of which something was accepted', async () => {
    const publisher = newPublisher();
    const [accepted, stale] = [submission(1), submission(1, { type: 'order.update' })];
    log.stale.add(stale);
    await Promise.all([publisher.publish(accepted), publisher.publish(stale)]);
    expect(batches.flat().map(({ eventType }) => eventType)).toEqual(['order.create']);
  });

  const anyOptions = fc.record({
    commitsMax: fc.integer({ min: 1, max: 3 }),
    commitEventsMax: fc.integer({ min: 1, max: 20 }),
    commitBytesMax: fc.integer({ min: 200, max: 5_000 }),
  });
  const anySubmission = fc.record({
    events: fc.integer({ min: 1, max: 8 }),
    bytes: fc.nat(1_000),
    fate: fc.constantFrom('good', 'good', 'good', 'poison', 'stale'),
    later: fc.boolean(),
  });

  it('answers everybody, keeps within the bounds of a commit, and lets a poisonous submission fail alone', async () => {
    await fc.assert(
      fc.asyncProperty(anyOptions, fc.array(anySubmission, { maxLength: 40 }), async (options, wanted) => {
        log = new Log();
        log.hold = quiet;
        const publisher = newPublisher(options);
        const answers: Promise<string>[] = [];
        for (const { events, bytes, fate, later } of wanted) {
          const each = submission(events, { data: 'x'.repeat(bytes) });
          if (fate === 'poison') log.poison.add(each);
          if (fate === 'stale') log.stale.add(each);
          answers.push(
            publisher.publish(each).then(
              ({ kind }) => kind,
              (error: unknown) => (error === REFUSAL ? 'refused' : 'lost'),
            ),
          );
          if (later) await quiet();
        }

        const expected = { good: 'accepted', poison: 'refused', stale: 'stale_caller' };
        expect(await Promise.all(answers)).toEqual(wanted.map(({ fate }) => expected[fate]));
        expect(log.underWayMost).toBeLessThanOrEqual(options.commitsMax);
        expect(new Set(log.accepted).size).toBe(log.accepted.length);
        for (const group of log.groups) {
          const all = group.flatMap(({ events }) => events);
          const bytes = all.reduce((sum, { data }) => sum + data.length + 128, 0);
          expect(group.length === 1 || (all.length <= options.commitEventsMax && bytes <= options.commitBytesMax)).toBe(
            true,
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['events', { commitEventsMax: 40, commitBytesMax: 1_000_000 }],
    ['bytes', { commitEventsMax: 1_000, commitBytesMax: 40 * 130 }],
  ])('commits group after group without a pause while a full one waits, counted in %s', async (_, bounds) => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      const held = deferred<undefined>();
      log.hold = () => held.promise;
      const publisher = newPublisher(bounds);
      const answers = Array.from({ length: 120 }, () => publisher.publish(submission(1)));
      await jest.advanceTimersByTimeAsync(100);
      held.resolve(undefined);
      // No timer has run since.
      await quiet();
      expect(log.groups.map((group) => group.length)).toEqual([40, 40, 40]);
      await Promise.all(answers);
    } finally {
      jest.useRealTimers();
    }
  });

  it('keeps the order in which submissions came', async () => {
    const publisher = newPublisher({ commitsMax: 1, commitEventsMax: 3 });
    const all = Array.from({ length: 10 }, () => submission(1));
    await Promise.all(all.map((each) => publisher.publish(each)));
    expect(log.accepted).toEqual(all);
  });

  it('fails all of a commit, and tries none of it again, when PostgreSQL is away', async () => {
    log.fault = AWAY;
    const publisher = newPublisher();
    const answers = [publisher.publish(submission(1)), publisher.publish(submission(1))];
    for (const answer of answers) await expect(answer).rejects.toBe(AWAY);
    expect(log.groups).toHaveLength(1);

    log.fault = null;
    await expect(publisher.publish(submission(1))).resolves.toMatchObject({ kind: 'accepted' });
  });

  it('tells those who wait for the next commit as well that PostgreSQL is away: nobody waits longer than one commit', async () => {
    const held = deferred<undefined>();
    log.hold = () => held.promise;
    log.fault = AWAY;
    const publisher = newPublisher({ commitsMax: 1, waitingBytesMax: 1_000 });
    const first = publisher.publish(submission(1));
    await quiet();
    const waiting = publisher.publish(submission(1, { data: 'x'.repeat(700) }));
    held.resolve(undefined);
    for (const answer of [first, waiting]) await expect(answer).rejects.toBe(AWAY);
    expect(log.groups).toHaveLength(1);

    // Nobody waits any more, so that there is room for as much as before.
    log.fault = null;
    const again = [submission(1), submission(1, { data: 'x'.repeat(700) })].map((each) => publisher.publish(each));
    expect(await Promise.all(again)).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
  });

  it('turns callers away when too much waits, and takes them again when it was committed', async () => {
    const held = deferred<undefined>();
    log.hold = () => held.promise;
    const publisher = newPublisher({ commitsMax: 1, waitingBytesMax: 1_000 });
    const first = publisher.publish(submission(1));
    await quiet();
    const waiting = publisher.publish(submission(1, { data: 'x'.repeat(700) }));
    await expect(publisher.publish(submission(1, { data: 'x'.repeat(700) }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    held.resolve(undefined);
    await Promise.all([first, waiting]);
    await expect(publisher.publish(submission(1, { data: 'x'.repeat(700) }))).resolves.toMatchObject({
      kind: 'accepted',
    });
  });

  it('takes a submission that is larger than all bounds, alone', async () => {
    const publisher = newPublisher({ commitBytesMax: 100, commitEventsMax: 1, waitingBytesMax: 100 });
    await expect(publisher.publish(submission(5, { data: 'x'.repeat(500) }))).resolves.toMatchObject({
      kind: 'accepted',
    });
  });

  it('answers at once however slow the queue is, and leaves what is too much for it to the sweep', async () => {
    const added = deferred<undefined>();
    let calls = 0;
    addBatches = () => {
      calls += 1;
      return added.promise;
    };
    const publisher = newPublisher({ enqueuesMax: 2 });
    for (let n = 0; n < 5; n += 1) await publisher.publish(submission(1));
    expect(calls).toBe(2);
    added.resolve(undefined);
    await quiet();
    await publisher.publish(submission(1));
    expect(calls).toBe(3);
  });

  it('tells of a queue that is away, which is no reason to refuse', async () => {
    addBatches = () => Promise.reject(AWAY);
    await expect(newPublisher().publish(submission(1))).resolves.toMatchObject({ kind: 'accepted' });
    await quiet();
    expect(faults).toEqual([AWAY]);
  });
});
