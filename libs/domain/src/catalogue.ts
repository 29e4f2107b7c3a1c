import { CATEGORY_ENTRIES } from './catalogue/categories';
import type { CatalogueEntry } from './catalogue/catalogue-entry';
import { CUSTOMER_ENTRIES } from './catalogue/customers';
import { deepFreeze } from './catalogue/deep-freeze';
import { EVENT_TYPES, type EventType } from './catalogue/event-types';
import { ORDER_ENTRIES } from './catalogue/orders';
import { PRODUCT_ENTRIES } from './catalogue/products';
import type { Permission } from './permissions';

export type { CatalogueEntry, JsonObject } from './catalogue/catalogue-entry';
export { EVENT_TYPES, type EventType } from './catalogue/event-types';

/** Every event type with its title, resource, schema and sample, in the order of {@link EVENT_TYPES}. Frozen, all the way down. */
export const EVENT_CATALOGUE: readonly CatalogueEntry[] = deepFreeze([
  ...ORDER_ENTRIES,
  ...CUSTOMER_ENTRIES,
  ...PRODUCT_ENTRIES,
  ...CATEGORY_ENTRIES,
]);

const entries: ReadonlyMap<unknown, CatalogueEntry> = new Map(EVENT_CATALOGUE.map((entry) => [entry.type, entry]));
const known: ReadonlySet<unknown> = new Set(EVENT_TYPES);

/** Whether a value from outside is a type of event that callers can publish. */
export function isEventType(value: unknown): value is EventType {
  return known.has(value);
}

/** What the catalogue says about a type. */
export function catalogueEntry(type: EventType): CatalogueEntry {
  const entry = entries.get(type);
  if (entry === undefined) throw new RangeError(`The catalogue has no entry for ${type}`);
  return entry;
}

/** What an API key needs to publish events of a type: `order.create` needs `orders:write`. */
export function publishPermission(type: EventType): Permission {
  return `${catalogueEntry(type).resource}:write`;
}

/** What an API key needs to read events of a type back, and what became of them: `order.create` needs `orders:read`. */
export function readPermission(type: EventType): Permission {
  return `${catalogueEntry(type).resource}:read`;
}
