import { buildMessage, ValidateBy } from 'class-validator';

/** Whether PostgreSQL can keep a text, and UTF-8 can carry it: no NUL character, no half of a surrogate pair. */
function isStorableText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

/** The field is a text without NUL characters and lone surrogates, of `min` to `max` characters. */
export function IsStorableText(options: { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return ValidateBy({
    name: 'text',
    validator: {
      validate: (value: unknown) =>
        isStorableText(value) && typeof value === 'string' && value.length >= min && value.length <= max,
      defaultMessage: buildMessage(
        () => `$property must be a text of ${min} to ${max} characters without NUL characters and lone surrogates`,
      ),
    },
  });
}
