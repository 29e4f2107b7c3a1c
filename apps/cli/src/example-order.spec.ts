import { readFileSync } from 'node:fs';
import { isEventType, readObjectMembers } from '@signpost/domain';
import { exampleOrderFile } from './project-paths';

interface Order {
  readonly lines: readonly {
    readonly quantity: number;
    readonly unitPrice: number;
    readonly discount: number;
    readonly total: number;
  }[];
  readonly discountTotal: number;
  readonly shippingTotal: number;
  readonly subtotal: number;
  readonly total: number;
}

function cents(amount: number): number {
  return Math.round(amount * 100);
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

describe('the example order', () => {
  const text = readFileSync(exampleOrderFile(), 'utf8');
  const body = readObjectMembers(text);
  const data = body.kind === 'ok' ? (body.members.get('data') ?? '') : '';

  it('is the body of a request that publishes an event', () => {
    const { type, ...rest } = JSON.parse(text);
    expect(isEventType(type)).toBe(true);
    expect(Object.keys(rest)).toEqual(['data']);
  });

  it('has what JSON.parse would spoil', () => {
    expect(JSON.stringify(JSON.parse(data)).length).not.toBe(data.replace(/\s+/g, '').length);
    const id = BigInt(/"id": (\d+)/.exec(data)![1]!);
    expect(BigInt(Number(id))).not.toBe(id);
    expect(data).toMatch(/: 10\.00\b/);
  });

  it('adds up', () => {
    const order = JSON.parse(data) as Order;
    for (const { quantity, unitPrice, discount, total } of order.lines) {
      expect(cents(total)).toBe(quantity * cents(unitPrice) - cents(discount));
    }
    expect(sum(order.lines.map(({ quantity, unitPrice }) => quantity * cents(unitPrice)))).toBe(cents(order.subtotal));
    expect(sum(order.lines.map(({ discount }) => cents(discount)))).toBe(cents(order.discountTotal));
    expect(cents(order.subtotal) - cents(order.discountTotal) + cents(order.shippingTotal)).toBe(cents(order.total));
  });
});
