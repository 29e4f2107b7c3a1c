import type { DeliveryFilters, DeliveryRow } from '@signpost/database';
import { decodeId } from '@signpost/domain';
import type { Caller } from '../access/caller';
import { readableTypes } from '../events/readable-types';
import type { DeliveryFilterQuery } from './deliveries.dto';

/**
 * What a query asks for, as far as its caller may see it.
 *
 * @throws SignpostError `forbidden` when the caller may see none of it
 */
export function deliveryFilters(caller: Caller, query: DeliveryFilterQuery): DeliveryFilters {
  return {
    webhookId: query.webhookId === undefined ? null : decodeId('webhook', query.webhookId),
    eventId: query.eventId === undefined ? null : decodeId('event', query.eventId),
    status: query.status ?? null,
    eventTypes: readableTypes(caller, query.eventType),
    statusCode: query.statusCode ?? null,
    errorCode: query.errorCode ?? null,
  };
}

/** Whether a delivery passes filters, as the database would say. */
export function passes(filters: DeliveryFilters, delivery: DeliveryRow): boolean {
  const wanted = (value: unknown, filter: unknown): boolean => filter === null || filter === value;
  return (
    wanted(delivery.webhookId, filters.webhookId) &&
    wanted(delivery.eventId, filters.eventId) &&
    wanted(delivery.status, filters.status) &&
    wanted(delivery.lastStatusCode, filters.statusCode) &&
    wanted(delivery.lastErrorCode, filters.errorCode) &&
    (filters.eventTypes === null || filters.eventTypes.includes(delivery.eventType))
  );
}
