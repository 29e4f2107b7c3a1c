import { buildMessage, isEmail, ValidateBy } from 'class-validator';

/** The field is an e-mail address. Other than the library's own rule this one is not upset by half of a surrogate pair. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmail',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && value.isWellFormed() && isEmail(value),
      defaultMessage: buildMessage(() => '$property must be an email'),
    },
  });
}
