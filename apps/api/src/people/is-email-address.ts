import { isEmailAddress } from '@signpost/people';
import { buildMessage, ValidateBy } from 'class-validator';

/** The field is an e-mail address that its owner can sign in with. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmail',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isEmailAddress(value),
      defaultMessage: buildMessage(() => '$property must be an email address of plain letters, digits and signs'),
    },
  });
}
