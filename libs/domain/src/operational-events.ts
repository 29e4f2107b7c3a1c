import { catalogueEntry, EVENT_TYPES, isEventType, type EventType, type JsonObject } from './catalogue';
import { deepFreeze } from './catalogue/deep-freeze';
import { choiceSchema, nullable, rootSchema, textSchema, TIME_SCHEMA } from './catalogue/schema-parts';

/** What Signpost itself reports. Nobody can publish these; webhooks can subscribe to them. */
export const OPERATIONAL_EVENT_TYPES = ['webhook.disabled', 'webhook.recovered', 'delivery.exhausted'] as const;
export type OperationalEventType = (typeof OPERATIONAL_EVENT_TYPES)[number];

/** Everything that a webhook can subscribe to. */
export const SUBSCRIBABLE_EVENT_TYPES = [...EVENT_TYPES, ...OPERATIONAL_EVENT_TYPES] as const;
export type SubscribableEventType = EventType | OperationalEventType;

/** What the catalogue says about an operational event; as {@link CatalogueEntry}, without a resource. */
export interface OperationalEntry {
  readonly type: OperationalEventType;
  readonly title: string;
  readonly description: string;
  readonly schema: JsonObject;
  readonly sample: JsonObject;
}

const WEBHOOK_PROPERTIES: JsonObject = {
  webhookId: textSchema('The webhook that this is about.'),
  url: { type: 'string', format: 'uri' },
};

const WEBHOOK: JsonObject = {
  webhookId: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm',
  url: 'https://erp.example.com/hooks/orders',
};

export const OPERATIONAL_EVENT_CATALOGUE: readonly OperationalEntry[] = deepFreeze([
  {
    type: 'webhook.disabled',
    title: 'Webhook Disabled',
    description: 'Signpost disabled a webhook. The data says why and since when its endpoint has been failing.',
    schema: rootSchema(
      'Webhook Disabled',
      {
        ...WEBHOOK_PROPERTIES,
        reason: choiceSchema('Why.', ['failing', 'gone']),
        message: textSchema('The reason as a sentence.'),
        failingSince: nullable(TIME_SCHEMA),
        disabledAt: TIME_SCHEMA,
      },
      ['webhookId', 'url', 'reason', 'message', 'disabledAt'],
    ),
    sample: {
      ...WEBHOOK,
      reason: 'failing',
      message: 'The endpoint has been failing for 5 days.',
      failingSince: '2026-03-09T09:30:00.000Z',
      disabledAt: '2026-03-14T09:30:00.000Z',
    },
  },
  {
    type: 'webhook.recovered',
    title: 'Webhook Recovered',
    description: 'A webhook whose endpoint had been failing delivers again.',
    schema: rootSchema(
      'Webhook Recovered',
      { ...WEBHOOK_PROPERTIES, failingSince: nullable(TIME_SCHEMA), recoveredAt: TIME_SCHEMA },
      ['webhookId', 'url', 'recoveredAt'],
    ),
    sample: { ...WEBHOOK, failingSince: '2026-03-14T09:30:00.000Z', recoveredAt: '2026-03-14T11:02:45.310Z' },
  },
  {
    type: 'delivery.exhausted',
    title: 'Delivery Exhausted',
    description: 'The last attempt of a delivery failed; Signpost will not try again on its own.',
    schema: rootSchema(
      'Delivery Exhausted',
      {
        ...WEBHOOK_PROPERTIES,
        deliveryId: textSchema('The delivery that failed.'),
        eventId: textSchema('The event that was not delivered.'),
        eventType: textSchema('Its type.'),
        attempts: { type: 'integer', minimum: 1 },
        errorCode: textSchema('Why the last attempt failed.'),
        message: textSchema('The same as a sentence.'),
        failedAt: TIME_SCHEMA,
      },
      ['webhookId', 'url', 'deliveryId', 'eventId', 'eventType', 'attempts', 'errorCode', 'message', 'failedAt'],
    ),
    sample: {
      ...WEBHOOK,
      deliveryId: 'dlv_01jp9b4c0mf8w9p0n2v6t3x5qz',
      eventId: 'evt_01jp9b4bzxe0sve4k7q1r6y8ac',
      eventType: 'order.create',
      attempts: 10,
      errorCode: 'http_error',
      message: 'The endpoint answered 503 Service Unavailable.',
      failedAt: '2026-03-17T14:58:12.077Z',
    },
  },
] satisfies OperationalEntry[]);

const operational: ReadonlyMap<unknown, OperationalEntry> = new Map(
  OPERATIONAL_EVENT_CATALOGUE.map((entry) => [entry.type, entry]),
);

/** Whether a value is a type of event that only Signpost itself publishes. */
export function isOperationalEventType(value: unknown): value is OperationalEventType {
  return operational.has(value);
}

/** Whether a value from outside is something that a webhook can subscribe to. */
export function isSubscribable(value: unknown): value is SubscribableEventType {
  return isEventType(value) || isOperationalEventType(value);
}

/** Title, description, schema and sample of anything that can be subscribed to. */
export function subscribableEntry(type: SubscribableEventType): Omit<OperationalEntry, 'type'> & {
  readonly type: SubscribableEventType;
} {
  if (isEventType(type)) return catalogueEntry(type);
  const entry = operational.get(type);
  if (entry === undefined) throw new RangeError(`The catalogue has no entry for ${type}`);
  return entry;
}
