import { idTimeMs, type OutgoingRequest, type SendResult } from '@signpost/domain';
import { Webhook } from 'standardwebhooks';
import { Attempter } from './attempter';
import type { LeasedDelivery, Settlement } from './ports/delivery-ledger';
import type { RegisteredWebhook } from './ports/registry-source';
import { leasedDelivery, registeredWebhook, storedEvent } from './testing/deliveries';
import { IdleParts } from './testing/idle-parts';

const TIMINGS = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 1 };
const answered = (statusCode: number): SendResult => ({
  kind: 'response',
  response: { statusCode, headers: {}, body: '', bodyTruncated: false },
  timings: TIMINGS,
});

let parts: IdleParts;
let requests: OutgoingRequest[];
let settlements: Settlement[];
let result: () => SendResult;
let attempter: Attempter;

beforeEach(async () => {
  parts = new IdleParts();
  await parts.start();
  requests = [];
  settlements = [];
  result = () => answered(200);
  attempter = new Attempter(
    parts.registry,
    parts.keeper,
    {
      send: async (request) => {
        requests.push(request);
        return result();
      },
    },
    parts.recorder,
    { scheduleMs: [0, 5_000], userAgent: 'Signpost/test' },
    {
      attempted: (settlement) => settlements.push(settlement),
      attemptFaulted: (_delivery, error) => parts.faults.push(error),
    },
  );
});
afterEach(() => parts.stop());

async function attempt(of: Partial<LeasedDelivery> = {}, webhook: Partial<RegisteredWebhook> | null = {}) {
  if (webhook !== null) parts.ledgers.webhooks.push(registeredWebhook(1, webhook));
  const delivery = leasedDelivery(1, of);
  parts.keeper.held.add([delivery]);
  return attempter.attempt(delivery);
}

/** The signer of an expired key: no claim would let its deliveries through. */
const EXPIRED = { ...registeredWebhook(1).signer!, expiresAtMs: 0 };

describe('an attempt', () => {
  it('sends the event signed, and settles what the endpoint said', async () => {
    expect(await attempt({ event: storedEvent(1, { data: '{"n":10.00}' }) })).toBe('delivered');

    const [request] = requests;
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const body = Buffer.from(request?.body ?? []).toString();
    expect(() => new Webhook(secret).verify(body, { ...request?.headers })).not.toThrow();
    expect(body).toContain('"data":{"n":10.00}}');
    expect(settlements).toMatchObject([{ next: { kind: 'delivered' }, attempt: { error: null } }]);
  });

  it('names the whole second in which it is made, and is signed until the key expires, no longer', async () => {
    const expiresAtMs = 1_796_000_001_000;
    const webhook = { signer: { ...EXPIRED, expiresAtMs } };
    const nowMs = jest.spyOn(parts.keeper, 'nowMs').mockReturnValue(expiresAtMs - 1);
    expect(await attempt({}, webhook)).toBe('delivered');
    nowMs.mockReturnValue(expiresAtMs);
    expect(await attempt({}, webhook)).toBe('unsent');
    expect(requests.map(({ headers }) => headers['webhook-timestamp'])).toEqual(['1796000000']);
  });

  it('is retried by the schedule, and fails when that has ended', async () => {
    result = () => answered(500);
    expect(await attempt()).toBe('failed');
    expect(await attempt({ attemptsMade: 1 })).toBe('failed');
    expect(settlements.map(({ next }) => next.kind)).toEqual(['retry', 'failed']);
  });

  it.each([
    ['a manual one', 'manual', { kind: 'resume' }],
    ['a test', 'test', { kind: 'failed', disableWebhook: false }],
  ] as const)('leaves the schedule alone when it is %s', async (_name, trigger, next) => {
    result = () => answered(500);
    await attempt({ trigger });
    expect(settlements).toMatchObject([{ next }]);
  });

  it('disables the webhook on 410, but not when it is a test', async () => {
    result = () => answered(410);
    await attempt();
    await attempt({ trigger: 'test' });
    expect(settlements.map(({ next }) => next)).toMatchObject([{ disableWebhook: true }, { disableWebhook: false }]);
  });

  it.each([
    ['the webhook is gone', {}, null, { kind: 'canceled', errorCode: 'webhook_deleted' }],
    ['the webhook is disabled', {}, { enabled: false }, { kind: 'canceled', errorCode: 'webhook_disabled' }],
    ['nobody can sign', {}, { signer: null }, { kind: 'held' }],
    ['the signing key has expired since it was read', {}, { signer: EXPIRED }, { kind: 'held' }],
    [
      'the payload is past its retention',
      { event: storedEvent(1, { data: null }) },
      {},
      { kind: 'failed', errorCode: 'payload_expired' },
    ],
  ] as const)('is not made when %s', async (_name, of, webhook, next) => {
    expect(await attempt(of, webhook)).toBe('unsent');
    expect(requests).toEqual([]);
    expect(settlements).toMatchObject([{ attempt: null, next }]);
  });

  it('has the time at which it was made in its id, also when the clock of this machine is set forward during it', async () => {
    result = () => {
      jest.spyOn(parts.keeper, 'nowMs').mockReturnValue(Date.now() + 9 * 86_400_000);
      return answered(200);
    };
    await attempt();
    const made = settlements[0]?.attempt;
    expect(idTimeMs(made?.id ?? '')).toBe((made?.startedAtMs ?? 0) + TIMINGS.totalMs);
  });

  it('is made for a test also when the webhook is disabled', async () => {
    expect(await attempt({ trigger: 'test' }, { enabled: false })).toBe('delivered');
  });

  it('is not made under a lease that may have lapsed; the delivery goes back, should it still be ours', async () => {
    jest.spyOn(parts.keeper, 'stands', 'get').mockReturnValue(false);
    expect(await attempt()).toBe('away');
    await parts.recorder.drain();
    expect([requests, settlements]).toEqual([[], []]);
    expect(parts.keeper.held.ids).toEqual([]);
  });

  it('is not made under a lease that has lapsed', async () => {
    parts.ledgers.webhooks.push(registeredWebhook(1));
    expect(await attempter.attempt(leasedDelivery(1))).toBe('unsent');
    expect([requests, settlements]).toEqual([[], []]);
  });

  it('is not made when the webhook cannot be read; the delivery goes back, without a line in the log', async () => {
    parts.ledgers.fault = (call) => (call === 'registry' ? 'away' : 'none');
    expect(await attempt()).toBe('away');
    await parts.recorder.drain();
    expect([requests, settlements, parts.faults]).toEqual([[], [], []]);
    expect(parts.keeper.held.ids).toEqual([]);
  });

  it('gives the delivery back after a fault of ours', async () => {
    result = () => {
      throw new Error('a fault');
    };
    expect(await attempt()).toBe('unsent');
    await parts.recorder.drain();
    expect(parts.faults).toEqual([new Error('a fault')]);
    expect(parts.keeper.held.ids).toEqual([]);
  });
});
