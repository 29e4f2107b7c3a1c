import { PgFailingLedger } from '@signpost/database';
import type { StoreId, WebhookId } from '@signpost/domain';
import { LedgerPlace } from '../support/ledger-place';

const DAY_MS = 86_400_000;

describe('the ledger of failing webhooks', () => {
  let place: LedgerPlace;
  let ledger: PgFailingLedger;
  let storeId: StoreId;

  beforeAll(async () => {
    place = await LedgerPlace.open();
    ledger = new PgFailingLedger(place.sql);
  });
  beforeEach(async () => {
    storeId = await place.store();
  });
  afterEach(async () => {
    await place.query('UPDATE gates SET failing_since = NULL');
  });
  afterAll(() => place.close());

  /** A webhook that has failed for so many days, the last time so many days ago. */
  async function failing(days: number, lastFailureDaysAgo = 0): Promise<WebhookId> {
    const id = await place.webhook(storeId);
    await place.query(
      `UPDATE gates SET failures = 5, failing_since = now() - $2 * interval '1 day' WHERE webhook_id = $1`,
      [id, days],
    );
    await place.query(
      `INSERT INTO webhook_stats (webhook_id, hour, store_id, attempts, failed_attempts)
       VALUES ($1, date_trunc('hour', now() - $3 * interval '1 day'), $2, 1, 1)`,
      [id, storeId, lastFailureDaysAgo],
    );
    return id;
  }

  it('disables each webhook once, and says since when it failed also where no error is known any more', async () => {
    const webhookId = await failing(6);
    await failing(4);

    expect(await ledger.disableFailing(5 * DAY_MS, 10)).toEqual([webhookId]);
    expect(await ledger.disableFailing(5 * DAY_MS, 10)).toEqual([]);

    const [row] = await place.query<{ enabled: boolean; disabled_reason: string }>(
      'SELECT enabled, disabled_reason FROM webhooks WHERE id = $1',
      [webhookId],
    );
    expect(row?.enabled).toBe(false);
    expect(row?.disabled_reason).toMatch(/^It had failed without one success since [-0-9T:.]+Z\.$/);
    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
  });

  it('does not judge a webhook to which nothing was sent since a failure long ago', async () => {
    await failing(30, 29);

    expect(await ledger.disableFailing(5 * DAY_MS, 10)).toEqual([]);
  });

  it('disables no more at once than it is asked to', async () => {
    const ids = [await failing(6), await failing(7), await failing(8)];

    const first = await ledger.disableFailing(5 * DAY_MS, 2);
    const second = await ledger.disableFailing(5 * DAY_MS, 2);

    expect([...first, ...second].sort()).toEqual([...ids].sort());
    expect(first).toHaveLength(2);
  });

  it.each([
    ['its gate', 'SELECT FROM gates WHERE webhook_id = $1 FOR UPDATE'],
    ['the webhook', 'SELECT FROM webhooks WHERE id = $1 FOR NO KEY UPDATE'],
    ['its store', 'SELECT FROM stores WHERE id = (SELECT store_id FROM webhooks WHERE id = $1) FOR NO KEY UPDATE'],
  ])('waits for nobody who holds %s, and disables it the next time', async (_name, lock) => {
    const webhookId = await failing(6);

    const meanwhile = await place.beside([[lock, [webhookId]]], () => ledger.disableFailing(5 * DAY_MS, 10));

    expect(meanwhile).toEqual([]);
    expect(await ledger.disableFailing(5 * DAY_MS, 10)).toEqual([webhookId]);
  });

  it('leaves a webhook alone that was deleted', async () => {
    const webhookId = await failing(6);
    await place.query('UPDATE webhooks SET deleted_at = now() WHERE id = $1', [webhookId]);

    expect(await ledger.disableFailing(5 * DAY_MS, 10)).toEqual([]);
  });
});
