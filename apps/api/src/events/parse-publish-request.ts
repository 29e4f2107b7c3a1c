import type { NewEvent } from '@signpost/delivery';
import {
  EVENT_TYPES,
  isEventType,
  readArrayElements,
  readObjectMembers,
  type EventId,
  type EventType,
  type FieldError,
} from '@signpost/domain';
import { ISO_TIME_RULE, readIsoTime } from '../requests/iso-time';
import {
  invalidBody,
  noObject,
  readJsonString,
  type ReadBody,
  refuseUnknown,
  unreadableBody,
} from '../requests/read-body';

/** The most events that one batch may hold. */
export const BATCH_EVENTS_MAX = 100;

/** What the reading of a request depends on besides its text. */
export interface PublishContext {
  /** The time of an event that names none: ISO 8601 in UTC, with milliseconds. */
  readonly now: string;
  readonly mintEventId: () => EventId;
}

type Members = ReadonlyMap<string, string>;

const EVENT_MEMBERS: ReadonlySet<string> = new Set(['type', 'data', 'timestamp']);
const BATCH_MEMBERS: ReadonlySet<string> = new Set(['events']);

/** Types by the way they are nearly always written, so that the usual event costs one look-up. */
const TYPE_BY_TEXT: ReadonlyMap<string, EventType> = new Map(EVENT_TYPES.map((type) => [JSON.stringify(type), type]));

/**
 * Reads the body of a request that publishes one event: `{type, data, timestamp?}`. `data` is sliced out of the text, never parsed
 * and written again, so numbers, escapes and the order of keys stay as the producer wrote them.
 */
export function parsePublishRequest(text: string, context: PublishContext): ReadBody<NewEvent[]> {
  const body = readObjectMembers(text);
  if (body.kind === 'error') return unreadableBody(text, body);
  const fields: FieldError[] = [];
  const event = readEvent(body.members, '', context, fields);
  return event === null ? invalidBody(fields) : { kind: 'ok', value: [event] };
}

/** Reads the body of a request that publishes a batch: `{events: [1 to 100 events]}`. Otherwise as {@link parsePublishRequest}. */
export function parseBatchRequest(text: string, context: PublishContext): ReadBody<NewEvent[]> {
  const body = readObjectMembers(text);
  if (body.kind === 'error') return unreadableBody(text, body);
  const fields: FieldError[] = [];
  refuseUnknown(body.members, BATCH_MEMBERS, '', fields);
  const events: NewEvent[] = [];
  for (const [index, element] of readBatch(body.members.get('events'), fields).entries()) {
    const path = `events[${index}]`;
    const event = readObjectMembers(element);
    const read = event.kind === 'ok' ? readEvent(event.members, `${path}.`, context, fields) : null;
    if (event.kind === 'error') fields.push(noObject(event, path));
    if (read !== null) events.push(read);
  }
  return fields.length > 0 ? invalidBody(fields) : { kind: 'ok', value: events };
}

function readBatch(text: string | undefined, fields: FieldError[]): string[] {
  const list = text === undefined ? null : readArrayElements(text);
  if (list?.kind === 'ok' && list.elements.length > 0 && list.elements.length <= BATCH_EVENTS_MAX) return list.elements;
  const rule = text === undefined ? 'required' : 'array_size';
  fields.push({ field: 'events', rule, message: `events must be an array of 1 to ${BATCH_EVENTS_MAX} events.` });
  return [];
}

/** @returns null when this event, or one before it, breaks a rule; `fields` has every broken one */
function readEvent(members: Members, path: string, context: PublishContext, fields: FieldError[]): NewEvent | null {
  refuseUnknown(members, EVENT_MEMBERS, path, fields);
  const type = readType(members.get('type'), path, fields);
  const data = readEventData(members.get('data'), path, fields);
  const timestamp = readTimestamp(members.get('timestamp'), path, context.now, fields);
  if (type === null || data === null || timestamp === null || fields.length > 0) return null;
  return { id: context.mintEventId(), type, timestamp, data };
}

function readType(text: string | undefined, path: string, fields: FieldError[]): EventType | null {
  const type = text === undefined ? null : (TYPE_BY_TEXT.get(text) ?? readJsonString(text));
  if (isEventType(type)) return type;
  const rule = text === undefined ? 'required' : 'unknown_event_type';
  fields.push({ field: `${path}type`, rule, message: `${path}type must be one of ${EVENT_TYPES.join(', ')}.` });
  return null;
}

/** The verbatim text of an event's `data`, which has to be a JSON object; null, and an error in `fields`, for anything else. */
export function readEventData(text: string | undefined, path: string, fields: FieldError[]): string | null {
  if (text?.startsWith('{')) return text;
  const rule = text === undefined ? 'required' : 'object';
  fields.push({ field: `${path}data`, rule, message: `${path}data must be a JSON object.` });
  return null;
}

function readTimestamp(text: string | undefined, path: string, now: string, fields: FieldError[]): string | null {
  if (text === undefined) return now;
  const value = readJsonString(text);
  const timeMs = value === null ? null : readIsoTime(value);
  if (timeMs !== null) return new Date(timeMs).toISOString();
  fields.push({ field: `${path}timestamp`, rule: 'iso_time', message: `${path}timestamp must be ${ISO_TIME_RULE}.` });
  return null;
}
