import { answerWith, TestReceiver } from '../support/test-receiver';
import { expectStatus, QUEUE_BACKENDS, TestSystem } from '../support/test-system';

const EVENTS = 20;
/** Requests that are made of a webhook that has not answered yet. */
const IN_FLIGHT = 4;

/** As a crash of PostgreSQL leaves it, that took the fan-out of everything with it. */
const LOSE_FAN_OUTS = `
WITH lost AS (DELETE FROM deliveries), held AS (DELETE FROM leases), counted AS (DELETE FROM accepted_events)
INSERT INTO outbox (batch_id, event_type, event_ids, created_at)
SELECT batch_id, type, array_agg(id ORDER BY id), now() - interval '1 minute' FROM events GROUP BY batch_id, type`;

/** A crash ends the connections on which nothing is asked as well. */
const END_CONNECTIONS = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'signpost-worker'`;

const nextLook = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe.each(QUEUE_BACKENDS)('a crash of PostgreSQL that lost its last commits, on the %s queue', (backend) => {
  let system: TestSystem;
  let receiver: TestReceiver;

  beforeAll(async () => {
    system = await TestSystem.start(backend, { SIGNPOST_SWEEP_INTERVAL: '200ms' });
    receiver = await TestReceiver.start();
  });
  afterAll(async () => {
    await system.stop();
    await receiver.close();
  });

  it('has nothing sent again but what was in flight, also when it was over before anybody had asked for anything', async () => {
    await system.createStore('shop');
    const apiKey = await system.createApiKey('shop');
    await system.createWebhook('shop', receiver.url);
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    receiver.answerWith((request, response, incoming) => {
      void answered.then(() => answerWith(200)(request, response, incoming));
    });
    const events = Array.from({ length: EVENTS }, () => ({ type: 'order.create', data: {} }));
    const { data: published } = await expectStatus(
      202,
      system.api.as(apiKey).post<{ data: { id: string }[] }>('/api/v1/stores/shop/events/batch', { events }),
    );
    const begun = await receiver.received(IN_FLIGHT);
    const inFlight = new Set(begun.map(({ headers }) => headers['webhook-id']));

    await system.api.sql(LOSE_FAN_OUTS);
    await system.api.sql(END_CONNECTIONS);
    while ((await system.api.sql('SELECT FROM deliveries')).length < EVENTS) await nextLook();
    answer();

    await Promise.all(published.map(({ id }) => system.settled('shop', id)));
    while ((await system.api.sql('SELECT FROM leases')).length > 0) await nextLook();
    const sent = receiver.requests.map(({ headers }) => headers['webhook-id']);
    const again = sent.filter((id, place) => sent.indexOf(id) < place);
    expect(new Set(sent).size).toBe(EVENTS);
    expect(again.filter((id) => !inFlight.has(id))).toEqual([]);
  });
});
