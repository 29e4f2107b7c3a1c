import { QUEUE_SCHEMA } from '@signpost/queue';
import { Client } from 'pg';
import { answerWith, TestReceiver } from '../support/test-receiver';
import { TestSystem } from '../support/test-system';

/** Tables, and what is asked of the commit of whatever inserts into them. */
const WAITS = {
  events: 'on',
  outbox: 'on',
  attempts: 'on',
  deliveries: 'off',
  leases: 'off',
  [`${QUEUE_SCHEMA}.job`]: 'off',
} as const;

/** Notes what each statement that inserts into one of the tables had asked of its commit by its end. */
const WATCH = `
CREATE TABLE public.seen_commits (relation text, waits text);
CREATE FUNCTION public.note_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.seen_commits VALUES (TG_ARGV[0], current_setting('synchronous_commit'));
  RETURN NULL;
END $$;
${Object.keys(WAITS)
  .map(
    (table) =>
      `CREATE TRIGGER note_commit AFTER INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION public.note_commit('${table}');`,
  )
  .join('\n')}`;

describe('a commit', () => {
  let system: TestSystem;
  let receiver: TestReceiver;
  let database: Client;

  beforeAll(async () => {
    system = await TestSystem.start('postgres', { SIGNPOST_RETRY_SCHEDULE: '0,100ms' });
    receiver = await TestReceiver.start();
    database = new Client({ connectionString: system.api.database.url });
    await database.connect();
    await database.query(WATCH);
  });
  afterAll(async () => {
    await database.end();
    await system.stop();
    await receiver.close();
  });

  it('waits for the disk where it accepts an event or keeps a result, and not where the sweep can bring back what is lost', async () => {
    await system.createStore('shop');
    const apiKey = await system.createApiKey('shop');
    await system.createWebhook('shop', receiver.url);
    let failures = 1;
    receiver.answerWith((request, response, incoming) =>
      answerWith(failures-- > 0 ? 503 : 200)(request, response, incoming),
    );

    const event = await system.publish(system.api.as(apiKey), 'shop', '{}');

    await system.settled('shop', event.id);
    const { rows } = await database.query<{ relation: string; waits: string[] }>(
      'SELECT relation, array_agg(DISTINCT waits) AS waits FROM seen_commits GROUP BY 1',
    );
    expect(Object.fromEntries(rows.map(({ relation, waits }) => [relation, waits.join()]))).toEqual(WAITS);
  });
});
