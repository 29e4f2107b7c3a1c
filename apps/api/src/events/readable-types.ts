import { EVENT_TYPES, isEventType, readPermission, SignpostError, type SubscribableEventType } from '@signpost/domain';
import { type Caller, exercises, requirePermission } from '../access/caller';

/**
 * The types of events that a caller gets to see in a list.
 *
 * @param wanted the type that was asked for, if any
 * @returns null: no restriction
 * @throws SignpostError `forbidden` when there is no type left that the caller may see
 */
export function readableTypes(caller: Caller, wanted: SubscribableEventType | undefined): readonly string[] | null {
  if (wanted !== undefined) {
    requireReadable(caller, wanted);
    return [wanted];
  }
  if (caller.kind !== 'api_key') return null;
  const types = EVENT_TYPES.filter((type) => exercises(caller, readPermission(type)));
  if (types.length > 0) return types;
  throw new SignpostError('forbidden', 'This needs a permission to read, such as orders:read; the API key has none.');
}

/** @throws SignpostError `forbidden` when the caller may not see events of this type */
export function requireReadable(caller: Caller, type: string): void {
  if (isEventType(type)) requirePermission(caller, readPermission(type));
  else if (caller.kind === 'api_key') {
    throw new SignpostError('forbidden', 'Events about webhooks themselves are not shown to API keys.');
  }
}
