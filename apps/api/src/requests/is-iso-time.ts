import { buildMessage, ValidateBy } from 'class-validator';
import { ISO_TIME_RULE, readIsoTime } from './iso-time';

/** The field is a moment, as {@link readIsoTime} reads it. */
export function IsIsoTime(): PropertyDecorator {
  return ValidateBy({
    name: 'iso_time',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && readIsoTime(value) !== null,
      defaultMessage: buildMessage(() => `$property must be ${ISO_TIME_RULE}`),
    },
  });
}
