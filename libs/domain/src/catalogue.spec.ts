import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import {
  catalogueEntry,
  EVENT_CATALOGUE,
  EVENT_TYPES,
  isEventType,
  publishPermission,
  readPermission,
} from './catalogue';
import { decodeId } from './ids';
import {
  isOperationalEventType,
  isSubscribable,
  OPERATIONAL_EVENT_CATALOGUE,
  OPERATIONAL_EVENT_TYPES,
  SUBSCRIBABLE_EVENT_TYPES,
  subscribableEntry,
} from './operational-events';
import { isPermission } from './permissions';

const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }));
const everything = [...EVENT_CATALOGUE, ...OPERATIONAL_EVENT_CATALOGUE];

describe('the catalogue', () => {
  it('describes every event type once, in order, with order.create first', () => {
    expect(EVENT_TYPES[0]).toBe('order.create');
    expect(EVENT_CATALOGUE.map(({ type }) => type)).toEqual(EVENT_TYPES);
    expect(OPERATIONAL_EVENT_CATALOGUE.map(({ type }) => type)).toEqual(OPERATIONAL_EVENT_TYPES);
    expect(new Set(SUBSCRIBABLE_EVENT_TYPES).size).toBe(EVENT_TYPES.length + OPERATIONAL_EVENT_TYPES.length);
  });

  it.each(everything)('has a title for $type that spells its words', ({ type, title, schema, description }) => {
    expect(title.toLowerCase()).toBe(type.replace('.', ' '));
    expect(schema.title).toBe(title);
    expect(description).toMatch(/\.$/);
  });

  it.each(everything)('has a JSON Schema 2020-12 for $type that its sample fits', ({ schema, sample }) => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    const validate = ajv.compile({ ...schema });
    validate(sample);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(everything)('has a schema for $type that requires what it promises', ({ schema, sample }) => {
    const validate = ajv.compile({ ...schema });
    for (const name of schema.required as string[]) {
      expect(validate({ ...sample, [name]: undefined })).toBe(false);
    }
  });

  it.each(everything)('has a sample for $type that survives JSON unchanged', ({ sample }) => {
    expect(JSON.parse(JSON.stringify(sample))).toEqual(sample);
  });

  it('adds up the totals of its sample order', () => {
    const order = catalogueEntry('order.create').sample as Record<string, string> & { lines: Record<string, string>[] };
    const cents = (amount: string | undefined): number => Math.round(Number(amount) * 100);
    for (const line of order.lines) {
      expect(cents(line.total)).toBe(cents(line.unitPrice) * Number(line.quantity) - cents(line.discount));
    }
    const lines = order.lines.reduce((sum, line) => sum + cents(line.total), 0);
    expect(lines).toBe(cents(order.subtotal) - cents(order.discountTotal));
    expect(cents(order.total)).toBe(lines + cents(order.shippingTotal));
  });

  it('cannot be changed by whoever reads it', () => {
    const sample = catalogueEntry('order.create').sample as { lines: { quantity: number }[] };
    expect(() => {
      sample.lines[0] = { quantity: 0 };
    }).toThrow(TypeError);
  });
});

describe('event types', () => {
  it('need the write permission of their resource to be published and its read permission to be read back', () => {
    expect(publishPermission('order.create')).toBe('orders:write');
    expect(readPermission('order.cancel')).toBe('orders:read');
    expect(publishPermission('category.delete')).toBe('categories:write');
    expect(readPermission('customer.update')).toBe('customers:read');
    expect(EVENT_TYPES.flatMap((type) => [publishPermission(type), readPermission(type)]).every(isPermission)).toBe(
      true,
    );
  });

  it('can all be subscribed to, but operational ones cannot be published', () => {
    expect(SUBSCRIBABLE_EVENT_TYPES.every(isSubscribable)).toBe(true);
    expect(OPERATIONAL_EVENT_TYPES.some(isEventType)).toBe(false);
    expect(OPERATIONAL_EVENT_TYPES.every(isOperationalEventType)).toBe(true);
    expect(SUBSCRIBABLE_EVENT_TYPES.map((type) => subscribableEntry(type).type)).toEqual(SUBSCRIBABLE_EVENT_TYPES);
  });

  it.each(['order.delete', 'Order.Create', 'order', '', 'constructor', undefined, { type: 'order.create' }])(
    'do not include %p',
    (value) => {
      expect(isEventType(value)).toBe(false);
      expect(isSubscribable(value)).toBe(false);
    },
  );

  it('show well-formed ids in the operational samples', () => {
    const sample = subscribableEntry('delivery.exhausted').sample as Record<string, string>;
    expect(decodeId('webhook', sample.webhookId ?? '')).not.toBeNull();
    expect(decodeId('delivery', sample.deliveryId ?? '')).not.toBeNull();
    expect(decodeId('event', sample.eventId ?? '')).not.toBeNull();
  });
});
