import { SignpostError } from '@signpost/domain';

/** Everything that a caller can ask for by an id. */
const NAMES = {
  store: 'store',
  apiKey: 'API key',
  webhook: 'webhook',
  event: 'event',
  delivery: 'delivery',
  recovery: 'recovery',
  person: 'member',
  invitation: 'invitation',
} as const;

export type FindableKind = keyof typeof NAMES;

/** The one answer for what does not exist, belongs to another store, or has an id that cannot be read. */
export function notFound(kind: FindableKind): SignpostError {
  return new SignpostError('not_found', `There is no such ${NAMES[kind]}.`);
}
