import { Attempter } from './attempter';
import { AttemptsByHand } from './attempts-by-hand';
import { Claims } from './claims';
import { deferred, leasedDelivery, registeredWebhook } from './testing/deliveries';
import { IdleParts } from './testing/idle-parts';

const NO_TIMINGS = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 1 };

let parts: IdleParts;
let byHand: AttemptsByHand;
let sent: number;
let answer: Promise<void>;

beforeEach(async () => {
  parts = new IdleParts();
  await parts.start();
  parts.ledgers.webhooks.push(registeredWebhook(1));
  sent = 0;
  answer = Promise.resolve();
  const sender = {
    send: async () => {
      sent += 1;
      await answer;
      const response = { statusCode: 200, headers: {}, body: '', bodyTruncated: false };
      return { kind: 'response' as const, response, timings: NO_TIMINGS };
    },
  };
  const { ledgers, keeper, recorder, registry } = parts;
  const attempter = new Attempter(
    registry,
    keeper,
    sender,
    recorder,
    { scheduleMs: [0], userAgent: 'Signpost/test' },
    { attempted: () => undefined, attemptFaulted: (_delivery, error) => parts.faults.push(error) },
  );
  byHand = new AttemptsByHand(new Claims(ledgers, keeper, recorder, registry), attempter);
});
afterEach(() => parts.stop());

describe('an attempt that a person asked for', () => {
  const delivery = leasedDelivery(1, { trigger: 'manual' });
  const one = (): void => {
    parts.ledgers.claimOne = async (_id, { leaseId }) => ({
      deliveries: [{ ...delivery, leaseId }],
      storeVersions: new Map(),
      moreDue: false,
      rateLimited: false,
      wakes: [],
    });
  };

  it('is made at once, past lane and gate, and recorded', async () => {
    one();
    await byHand.attempt(delivery.id);
    await parts.recorder.drain();
    expect(sent).toBe(1);
    expect(parts.ledgers.attempts.get(delivery.id)).toBe(1);
    expect(parts.keeper.held.ids).toEqual([]);
  });

  it('keeps nobody waiting when it takes long, and is waited for at the end', async () => {
    one();
    const answered = deferred<undefined>();
    answer = answered.promise;
    await byHand.attempt(delivery.id);
    let ended = false;
    const allEnded = byHand.settled().then(() => (ended = true));
    expect([sent, ended]).toEqual([1, false]);

    answered.resolve(undefined);
    await allEnded;
    await parts.recorder.drain();
    expect(parts.ledgers.attempts.get(delivery.id)).toBe(1);
  });

  it('is none when the delivery is not to be had', async () => {
    parts.ledgers.claimOne = async () => null;
    await byHand.attempt(delivery.id);
    expect(sent).toBe(0);
  });

  it('is given back when PostgreSQL is away: nothing was sent', async () => {
    one();
    parts.ledgers.fault = (call) => (call === 'registry' ? 'away' : 'none');
    const release = jest.spyOn(parts.ledgers, 'release');
    await byHand.attempt(delivery.id);
    await parts.recorder.drain();
    expect(sent).toBe(0);
    expect(release.mock.calls[0]?.[0]).toMatchObject([{ id: delivery.id }]);
    expect(parts.keeper.held.ids).toEqual([]);
  });
});
