import { buildMessage, ValidateBy, type ValidationArguments } from 'class-validator';
import { readIsoTime } from './iso-time';

/** The field, a time, is before the field `until`, if there is one: nothing could be in a window that ends before it begins. */
export function IsBeforeUntil(): PropertyDecorator {
  return ValidateBy({
    name: 'empty_window',
    validator: {
      validate: (since: unknown, args?: ValidationArguments) => {
        const [sinceMs, untilMs] = [timeMs(since), timeMs((args?.object as { until?: unknown }).until)];
        return sinceMs === null || untilMs === null || sinceMs < untilMs;
      },
      defaultMessage: buildMessage(() => '$property must be before until'),
    },
  });
}

/** Null for what is no time: other rules tell of that. */
function timeMs(value: unknown): number | null {
  return typeof value === 'string' ? readIsoTime(value) : null;
}
