import { buildMessage, ValidateBy } from 'class-validator';
import { readIsoTime } from './iso-time';

/** The field is a moment that has not come yet. What is no moment at all is up to `IsIsoTime`. */
export function IsFutureTime(): PropertyDecorator {
  return ValidateBy({
    name: 'future_time',
    validator: {
      validate: (value: unknown) => {
        const timeMs = typeof value === 'string' ? readIsoTime(value) : null;
        return timeMs === null || timeMs > Date.now();
      },
      defaultMessage: buildMessage(() => '$property must be a time that has not come yet'),
    },
  });
}
