import { Claimer } from './claimer';
import { Claims } from './claims';
import type { Claim } from './ports/delivery-ledger';
import { leasedDelivery, registeredWebhook, storeId, webhookId } from './testing/deliveries';
import { IdleParts } from './testing/idle-parts';

const WEBHOOK = webhookId(1);
/** How many requests in flight a new lane may have. */
const FIRST_WINDOW = 4;
const NOTHING: Claim = { deliveries: [], storeVersions: new Map(), moreDue: false, rateLimited: false, wakes: [] };

let parts: IdleParts;
let claimer: Claimer;

beforeEach(async () => {
  parts = new IdleParts();
  await parts.start();
  parts.ledgers.webhooks.push(registeredWebhook(1));
  claimer = new Claimer(claimsOf(parts), parts.lanes, parts.queue);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await parts.stop();
});

function claimsOf({ ledgers, keeper, recorder, registry }: IdleParts): Claims {
  return new Claims(ledgers, keeper, recorder, registry);
}

/** Lets the next claims on the ledger give `count` deliveries. */
function given(count: number, more: Partial<Claim> = {}, probe = false): void {
  parts.ledgers.claim = async (_webhook, lease) => ({
    ...NOTHING,
    deliveries: Array.from({ length: count }, (_, n) => leasedDelivery(n, { leaseId: lease.leaseId, probe })),
    ...more,
  });
}

describe('a claim', () => {
  it('puts what it was given into the lane, gives back the room that was not needed, and adds the wakes', async () => {
    given(3, { wakes: [{ webhookId: WEBHOOK, delayMs: 9 }] });

    await claimer.claim(WEBHOOK);

    expect(parts.lanes.load.held).toBe(3);
    expect(parts.keeper.held.ids).toHaveLength(1);
    expect(parts.wakes).toEqual([{ webhookId: WEBHOOK, delayMs: 9 }]);
    expect(parts.fetched).toEqual([]);
  });

  it('of a webhook with a rate limit takes no more than can be sent at once', async () => {
    parts.ledgers.claim = async () => ({ ...NOTHING, rateLimited: true });
    await claimer.claim(WEBHOOK);
    expect(parts.lanes.reserveForClaim(WEBHOOK, 100)).toBe(FIRST_WINDOW);
  });

  it('comes back for what is due beyond it, once the lane has room', async () => {
    given(3, { moreDue: true });
    await claimer.claim(WEBHOOK);
    expect(parts.fetched).toEqual([WEBHOOK]);
  });

  it('asks for nothing without room, and remembers that more is due', async () => {
    await parts.stop();
    parts = new IdleParts(1);
    await parts.start();
    claimer = new Claimer(claimsOf(parts), parts.lanes, parts.queue);
    given(1);
    await claimer.claim(WEBHOOK);
    let asked = 0;
    parts.ledgers.claim = async () => {
      asked += 1;
      return NOTHING;
    };

    await claimer.claim(WEBHOOK);

    expect(asked).toBe(0);
    expect(parts.lanes.load.held).toBe(1);
  });

  it.each(['away', 'answer lost'] as const)(
    'holds no room when its call meets a connection that is %s',
    async (fault) => {
      parts.ledgers.fault = () => fault;
      await expect(claimer.claim(WEBHOOK)).rejects.toThrow();
      expect(parts.lanes.load.held).toBe(0);
      expect(parts.keeper.held.ids).toEqual([]);
      parts.ledgers.fault = () => 'none';
    },
  );

  it('trusts what it read of the webhook no longer than from when it asked, however long the answer took', async () => {
    const trusted = () => !(parts.registry.webhook(storeId(1), WEBHOOK) instanceof Promise);
    given(0, { storeVersions: new Map([[storeId(1), '1']]) });
    await claimer.claim(WEBHOOK);
    expect(trusted()).toBe(true);

    let passedMs = 0;
    const nowMs = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs() + passedMs);
    const answer = parts.ledgers.claim.bind(parts.ledgers);
    parts.ledgers.claim = (...asked) => {
      passedMs += 2_000;
      return answer(...asked);
    };
    await claimer.claim(WEBHOOK);

    expect(trusted()).toBe(false);
  });

  it('gives back what it was given when the webhook cannot be read as it is now', async () => {
    given(2, { storeVersions: new Map([[storeId(1), 'new']]) });
    parts.ledgers.fault = (call) => (call === 'registry' ? 'away' : 'none');
    const release = jest.spyOn(parts.ledgers, 'release');

    await expect(claimer.claim(WEBHOOK)).rejects.toThrow();
    await parts.recorder.drain();

    expect(release.mock.calls[0]?.[0]).toHaveLength(2);
    expect(parts.lanes.load.held).toBe(0);
    expect(parts.keeper.held.ids).toEqual([]);
  });

  it('takes the breaker for closed by what its gate lets through, and not by a probe', async () => {
    parts.lanes.openBreaker(WEBHOOK, 60_000);
    given(0);
    await claimer.claim(WEBHOOK);
    given(1, {}, true);
    await claimer.claim(WEBHOOK);
    expect(parts.lanes.reserve(WEBHOOK, 1)).toBe(0);

    given(1);
    await claimer.claim(WEBHOOK);
    expect(parts.lanes.reserve(WEBHOOK, 1)).toBe(1);
    parts.lanes.unreserve(WEBHOOK, 1);
  });
});
