import { decodeId } from '@signpost/domain';
import { buildMessage, ValidateBy } from 'class-validator';

/** The error for an id that no key of the store has. The id of another store's key is treated like one that does not exist. */
export const UNKNOWN_KEY = {
  rule: 'unknown_api_key',
  message: 'apiKeyId must be the id of an API key of this store.',
} as const;

/** The field has the form of a key's id. Whether the store has such a key is checked later, by the database. */
export function IsKeyId(): PropertyDecorator {
  return ValidateBy({
    name: UNKNOWN_KEY.rule,
    validator: {
      validate: (value: unknown) => typeof value === 'string' && decodeId('apiKey', value) !== null,
      defaultMessage: buildMessage(() => UNKNOWN_KEY.message),
    },
  });
}
