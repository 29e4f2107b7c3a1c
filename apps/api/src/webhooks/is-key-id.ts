import { decodeId } from '@signpost/domain';
import { buildMessage, ValidateBy } from 'class-validator';

/** What is broken by an id that is none of the store's keys: one of another store is as unknown as one that does not exist. */
export const UNKNOWN_KEY = {
  rule: 'unknown_api_key',
  message: 'apiKeyId must be the id of an API key of this store.',
} as const;

/** The field has the form of a key's id. Whether the store has that key, it alone knows. */
export function IsKeyId(): PropertyDecorator {
  return ValidateBy({
    name: UNKNOWN_KEY.rule,
    validator: {
      validate: (value: unknown) => typeof value === 'string' && decodeId('apiKey', value) !== null,
      defaultMessage: buildMessage(() => UNKNOWN_KEY.message),
    },
  });
}
