import { buildMessage, ValidateBy } from 'class-validator';

/** Whether PostgreSQL can keep a text, and UTF-8 can carry it: no NUL character, no half of a surrogate pair. */
function isStorableText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

/** Counts code points, which are the characters of JSON Schema. A text has at least as many UTF-16 units, and at most twice as many. */
function hasLength(text: string, min: number, max: number): boolean {
  if (text.length > 2 * max) return false;
  const { length } = [...text];
  return length >= min && length <= max;
}

/** The field is a text without NUL characters and lone surrogates, of `min` to `max` characters. */
export function IsStorableText(options: { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return ValidateBy({
    name: 'text',
    constraints: [min, max],
    validator: {
      validate: (value: unknown) => isStorableText(value) && hasLength(value, min, max),
      defaultMessage: buildMessage(
        () => `$property must be a text of ${min} to ${max} characters without NUL characters and lone surrogates`,
      ),
    },
  });
}
