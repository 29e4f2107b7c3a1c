import type { Delivery } from '../../api/deliveries';
import { type Heard, withHeard } from './with-heard';

const ASKED_AT_MS = 1_000;
const delivery = (id: string, status: Delivery['status']) => ({ id, status }) as Delivery;
const heard = (...all: readonly Heard[]) => new Map(all.map((one) => [one.delivery.id, one]));
const page = { rows: [delivery('dlv_2', 'canceled')], askedAtMs: ASKED_AT_MS, isNewest: true };

describe('withHeard', () => {
  it('shows what was heard after the page was asked for, and what is newer before it', () => {
    const later = heard(
      { delivery: delivery('dlv_2', 'delivered'), atMs: ASKED_AT_MS },
      { delivery: delivery('dlv_3', 'queued'), atMs: ASKED_AT_MS },
    );
    expect(withHeard(page, later).map(({ id, status }) => [id, status])).toEqual([
      ['dlv_3', 'queued'],
      ['dlv_2', 'delivered'],
    ]);
  });

  it('lets the page stand against what was heard before it was asked for', () => {
    const before = heard(
      { delivery: delivery('dlv_2', 'retrying'), atMs: ASKED_AT_MS - 1 },
      { delivery: delivery('dlv_3', 'queued'), atMs: ASKED_AT_MS - 1 },
    );
    expect(withHeard(page, before)).toEqual(page.rows);
  });

  it('adds what is newer to the newest page alone', () => {
    const later = heard({ delivery: delivery('dlv_3', 'queued'), atMs: ASKED_AT_MS });
    expect(withHeard({ ...page, isNewest: false }, later)).toEqual(page.rows);
  });
});
