import { decodeId } from '@signpost/domain';
import { Client } from 'pg';
import { moveGates } from '../../libs/database/src/pipeline/gate-sql';
import { startTestApi, type TestApi } from '../support/test-api';
import { openTestShop } from '../support/test-shop';

const MOVE_TO_NOW = `WITH ${moveGates({ webhookIds: '$1::uuid[]', delaysMs: '$2::float8[]', onlyIf: 'true' })}
  SELECT webhook_id FROM moved_gates`;

describe('moving a gate', () => {
  let api: TestApi;
  let claim: Client;
  let mover: Client;

  beforeAll(async () => {
    api = await startTestApi({ settings: { SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
    claim = new Client({ connectionString: api.database.url });
    mover = new Client({ connectionString: api.database.url, application_name: 'mover' });
    await Promise.all([claim.connect(), mover.connect()]);
  });
  afterAll(async () => {
    await Promise.all([claim.end(), mover.end()]);
    await api.close();
  });

  /** A claim that begins first, and ends while the other statement waits for it. */
  async function moveDuring(webhookId: string, closing: string): Promise<unknown[]> {
    await claim.query('BEGIN');
    await claim.query('SELECT FROM gates WHERE webhook_id = $1 FOR UPDATE', [webhookId]);
    const moving = mover.query<{ webhook_id: string }>(MOVE_TO_NOW, [[webhookId], [0]]);
    const waiting = `SELECT FROM pg_stat_activity WHERE application_name = 'mover' AND wait_event_type = 'Lock'`;
    while ((await api.sql(waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await claim.query(`UPDATE gates SET due_at = ${closing} WHERE webhook_id = $1`, [webhookId]);
    await claim.query('COMMIT');
    return (await moving).rows;
  }

  it.each([
    ['closed, having found nothing due', 'NULL', 1],
    ['moved to a later time', `now() + interval '1 hour'`, 1],
    ['left due', `now() - interval '1 second'`, 0],
  ])('opens it when the claim that it waited for has %s', async (_, closing, moved) => {
    const shop = await openTestShop(api);
    const webhookId = decodeId('webhook', shop.webhookId) ?? '';
    // What the claim began with, and what the other statement's snapshot still shows.
    await api.sql(`UPDATE gates SET due_at = now() - interval '1 second' WHERE webhook_id = $1`, [webhookId]);
    expect(await moveDuring(webhookId, closing)).toHaveLength(moved);
    const [gate] = await api.sql('SELECT due_at <= now() AS due FROM gates WHERE webhook_id = $1', [webhookId]);
    expect(gate).toEqual({ due: true });
  });
});
