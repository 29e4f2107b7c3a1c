import { decodeId, ID_PREFIXES, type IdKind } from '@signpost/domain';
import { buildMessage, ValidateBy } from 'class-validator';

/** The field is the id of one kind of thing, in its wire form. */
export function IsId(kind: IdKind): PropertyDecorator {
  return ValidateBy({
    name: 'id',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && decodeId(kind, value) !== null,
      defaultMessage: buildMessage(() => `$property must be an id that begins with ${ID_PREFIXES[kind]}_`),
    },
  });
}
