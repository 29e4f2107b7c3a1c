/** Every type of event that a caller can publish. The order is that of the catalogue. */
export const EVENT_TYPES = [
  'order.create',
  'order.update',
  'order.cancel',
  'customer.create',
  'customer.update',
  'customer.delete',
  'product.create',
  'product.update',
  'product.delete',
  'category.create',
  'category.update',
  'category.delete',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
