import type { Publisher, SubmissionOutcome } from '@signpost/delivery';
import { mintId } from '@signpost/domain';
import type { ApiKeyCaller } from '../access/caller';
import { EventPublishing } from './event-publishing';

const STALE: SubmissionOutcome = { kind: 'stale_caller' };
const ACCEPTED: SubmissionOutcome = { kind: 'accepted', events: [] };

const caller: ApiKeyCaller = {
  kind: 'api_key',
  storeId: mintId('store', 0),
  apiKeyId: mintId('apiKey', 0),
  version: '1',
  usedPreviousSecret: false,
  permissions: new Set(['orders:write'] as const),
  rateLimit: null,
  exercised: new Set(),
};

/** Publishes with a key that changes during each of so many tries. */
function publish(changes: number) {
  const outcomes = [...Array<SubmissionOutcome>(changes).fill(STALE), ACCEPTED];
  const publisher = { publish: () => Promise.resolve(outcomes.shift()) } as unknown as Publisher;
  return new EventPublishing(publisher).publish({
    store: { id: caller.storeId, key: 'acme' },
    caller,
    person: null,
    refreshCaller: () => Promise.resolve(caller),
    events: [],
    idempotencyKey: null,
    body: '{}',
  });
}

describe('EventPublishing', () => {
  it.each([1, 2, 9])('publishes with a key that changed %i times meanwhile, and still holds', async (changes) => {
    await expect(publish(changes)).resolves.toEqual({ replayed: false, events: [] });
  });

  it('never takes a key that changes without end for one that does not hold', async () => {
    await expect(publish(10)).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
  });
});
