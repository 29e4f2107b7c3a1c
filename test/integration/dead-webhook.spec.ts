import type { ServerResponse } from 'node:http';
import { answerWith, TestReceiver } from '../support/test-receiver';
import { QUEUE_BACKENDS, TestSystem } from '../support/test-system';

const BACKLOG = 400;
/** Requests in flight that a webhook begins with, and may have at most. */
const WINDOW = { first: 4, max: 32 };
/** Wakes that a webhook may have in the queue, whatever it is owed: one for each time at which something is tried again. */
const WAKES_MAX = 40;

/** Deliveries that wait for a webhook, oldest first, as a fan-out leaves them. */
const OWED = `
WITH webhook AS (
  SELECT w.id, w.store_id FROM webhooks w JOIN stores s ON s.id = w.store_id WHERE s.key = $1
), made AS (
  SELECT n, (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid AS id
  FROM generate_series(0, $2::int - 1) AS n
), event AS (
  INSERT INTO events (id, store_id, type, occurred_at, data)
  SELECT m.id, w.store_id, 'order.create', now(), json_build_object('number', m.n)::text FROM made m, webhook w
)
INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting, due_at)
SELECT m.id, w.store_id, m.id, w.id, 'order.create', 'queued', true, now() - interval '1 hour' + m.n * interval '1 second'
FROM made m, webhook w`;

const OPEN = `
UPDATE gates SET failures = 10, openings = 1, open_until = now() + $2::int * interval '1 second', due_at = now() + $2::int * interval '1 second'
WHERE webhook_id = (SELECT w.id FROM webhooks w JOIN stores s ON s.id = w.store_id WHERE s.key = $1)`;

describe.each(QUEUE_BACKENDS)('a backlog owed to a dead webhook on the %s queue', (backend) => {
  let system: TestSystem;
  let receiver: TestReceiver;

  beforeAll(async () => {
    system = await TestSystem.start(backend);
  });
  beforeEach(async () => {
    receiver = await TestReceiver.start();
  });
  afterEach(() => receiver.close());
  afterAll(() => system.stop());

  /** What waits alone or in a parcel that no worker has taken, and what a worker has. */
  async function waiting(store: string): Promise<{ due: number; leased: number }> {
    const [row] = await system.api.sql<{ due: number; leased: number }>(
      `SELECT count(*) FILTER (WHERE d.waiting OR l.is_parcel)::int AS due,
              count(*) FILTER (WHERE d.lease_id IS NOT NULL AND l.is_parcel IS NOT TRUE)::int AS leased
       FROM deliveries d JOIN stores s ON s.id = d.store_id
       LEFT JOIN (SELECT id, worker_id IS NULL AS is_parcel FROM leases) l ON l.id = d.lease_id
       WHERE s.key = $1`,
      [store],
    );
    return row ?? { due: 0, leased: 0 };
  }

  /** The numbers of what the store was owed, in the order in which their attempts began. */
  function begun(store: string): Promise<{ number: number }[]> {
    return system.api.sql<{ number: number }>(
      `SELECT (e.data::json ->> 'number')::int AS number
       FROM attempts a JOIN deliveries d ON d.id = a.delivery_id JOIN events e ON e.id = d.event_id JOIN stores s ON s.id = a.store_id
       WHERE s.key = $1 AND e.data <> '{"number":-1}' ORDER BY a.started_at, 1`,
      [store],
    );
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it('costs rows and no jobs', async () => {
    await system.createStore('parked');
    const apiKey = await system.createApiKey('parked');
    await system.createWebhook('parked', receiver.url);
    receiver.answerWith(answerWith(500));
    const publish = (n: number) => system.publish(system.api.as(apiKey), 'parked', JSON.stringify({ number: n }));

    await Promise.all(Array.from({ length: 300 }, (_, n) => publish(n)));
    await until(async () => {
      const { due, leased } = await waiting('parked');
      return due === 300 && leased === 0;
    });

    const metrics = await (await fetch(`${system.workerUrl}/metrics`)).text();
    const jobs = [...metrics.matchAll(/^signpost_jobs\{queue="wakes",state="\w+"\} (\d+)/gm)];
    expect(jobs).toHaveLength(3);
    expect(jobs.reduce((sum, [, count]) => sum + Number(count), 0)).toBeLessThanOrEqual(WAKES_MAX);
    expect(metrics).toMatch(/^signpost_deliveries_in_memory 0$/m);
  });

  it('is let out by one probe alone, oldest first, with few requests at once in the beginning', async () => {
    await system.createStore('returning');
    const apiKey = await system.createApiKey('returning');
    let inFlight = 0;
    let answered = 0;
    const tooMany: string[] = [];
    let probe: ServerResponse | null = null;
    const answer = (response: ServerResponse): void => {
      inFlight -= 1;
      answered += 1;
      response.end();
    };
    receiver.answerWith((_request, response) => {
      inFlight += 1;
      if (inFlight > Math.min(WINDOW.max, WINDOW.first + answered)) tooMany.push(`${inFlight} after ${answered}`);
      if (probe === null) probe = response;
      else setImmediate(() => answer(response));
    });
    // Its breaker is open before anybody has heard of the webhook: what is published meanwhile must find that out.
    await system.createWebhook('returning', receiver.url);
    await system.api.sql(OPEN, ['returning', 3_600]);
    await system.api.sql(OWED, ['returning', BACKLOG]);
    for (let n = 0; n < 5; n += 1) await system.publish(system.api.as(apiKey), 'returning', '{"number":-1}');
    await until(async () => (await waiting('returning')).due === BACKLOG + 5);
    expect(receiver.requests).toHaveLength(0);

    await system.api.sql(OPEN, ['returning', 0]);
    await receiver.received(1);
    for (let n = 0; n < 5; n += 1) await system.publish(system.api.as(apiKey), 'returning', '{"number":-1}');
    await until(async () => (await waiting('returning')).due === BACKLOG + 9);
    expect(receiver.requests).toHaveLength(1);
    expect(await waiting('returning')).toEqual({ due: BACKLOG + 9, leased: 1 });

    answer(probe!);
    const requests = await receiver.received(BACKLOG + 10);
    const numbers = requests.map(({ body }) => (JSON.parse(body) as { data: { number: number } }).data.number);
    expect(tooMany).toEqual([]);
    expect(numbers[0]).toBe(0);
    expect(new Set(numbers.filter((number) => number >= 0)).size).toBe(BACKLOG);
    // Claims that are made at the same time may overtake each other, and so may requests.
    await until(async () => (await begun('returning')).length === BACKLOG);
    const turns = await begun('returning');
    expect(turns.filter(({ number }, place) => Math.abs(number - place) > BACKLOG / 2)).toEqual([]);
  });
});
