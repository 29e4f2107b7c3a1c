import {
  type FieldError,
  isSubscribable,
  readObjectMembers,
  SUBSCRIBABLE_EVENT_TYPES,
  type SubscribableEventType,
} from '@signpost/domain';
import { readEventData } from '../events/parse-publish-request';
import { invalidBody, readJsonString, type ReadBody, refuseUnknown, unreadableBody } from '../requests/read-body';

/** What a test shall send; what is left out is up to the webhook and the catalogue. */
export interface TestRequest {
  readonly eventType: SubscribableEventType | null;
  /** JSON text, byte for byte as it was edited. */
  readonly data: string | null;
}

const MEMBERS: ReadonlySet<string> = new Set(['eventType', 'data']);

/** Reads the body of a request for a test: `{eventType?, data?}`, or nothing at all. */
export function parseTestRequest(text: string): ReadBody<TestRequest> {
  const body = readObjectMembers(text === '' ? '{}' : text);
  if (body.kind === 'error') return unreadableBody(text, body);
  const { members } = body;
  const fields: FieldError[] = [];
  refuseUnknown(members, MEMBERS, '', fields);
  const eventType = readEventType(members.get('eventType'), fields);
  const data = members.has('data') ? readEventData(members.get('data'), '', fields) : null;
  return fields.length > 0 ? invalidBody(fields) : { kind: 'ok', value: { eventType, data } };
}

function readEventType(text: string | undefined, fields: FieldError[]): SubscribableEventType | null {
  if (text === undefined) return null;
  const type = readJsonString(text);
  if (isSubscribable(type)) return type;
  const message = `eventType must be one of ${SUBSCRIBABLE_EVENT_TYPES.join(', ')}.`;
  fields.push({ field: 'eventType', rule: 'unknown_event_type', message });
  return null;
}
