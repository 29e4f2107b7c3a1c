import { Client } from 'pg';
import { moveGates } from '../../libs/database/src/gate-sql';
import { startTestApi } from '../support/test-api';
import { openTestShop } from '../support/test-shop';
import { decodeId } from '@signpost/domain';

it('moves a gate that a claim has just reset', async () => {
  const api = await startTestApi();
  const shop = await openTestShop(api);
  const id = decodeId('webhook', shop.webhookId);
  await api.sql(`UPDATE gates SET due_at = now() - interval '1 second' WHERE webhook_id = $1`, [id]);
  const claim = new Client({ connectionString: api.database.url });
  const other = new Client({ connectionString: api.database.url });
  await claim.connect();
  await other.connect();
  await claim.query('BEGIN');
  await claim.query('SELECT 1 FROM gates WHERE webhook_id = $1 FOR UPDATE', [id]);
  const moving = other.query(`WITH ${moveGates({ webhookIds: '$1::uuid[]', delaysMs: '$2::float8[]', onlyIf: 'true' })} SELECT * FROM moved_gates`, [[id], [0]]);
  await new Promise((r) => setTimeout(r, 300));
  await claim.query('UPDATE gates SET due_at = NULL WHERE webhook_id = $1', [id]);
  await claim.query('COMMIT');
  console.log((await moving).rows, await api.sql('SELECT due_at FROM gates WHERE webhook_id = $1', [id]));
  await claim.end(); await other.end();
  await api.close();
});
