import { OrderTemplate } from './order-template';

describe('OrderTemplate', () => {
  it.each([400, 1_024, 20 * 1_024])('makes orders of exactly %d bytes', (bytes) => {
    const template = new OrderTemplate(bytes);
    for (const orderNumber of [0, 7, 1_234_567]) expect(Buffer.byteLength(template.data(orderNumber))).toBe(bytes);
  });

  it('makes bodies that publish those very data', () => {
    const template = new OrderTemplate(1_024);
    const body = JSON.parse(template.body(42)) as { type: string; data: unknown };
    expect(body).toEqual({ type: 'order.create', data: JSON.parse(template.data(42)) });
    expect(template.body(1)).not.toBe(template.body(2));
  });

  it('refuses a size that no order fits into', () => {
    expect(() => new OrderTemplate(50)).toThrow(RangeError);
  });
});
