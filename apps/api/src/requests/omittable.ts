import { ValidateIf } from 'class-validator';

/** The field may be left out. Unlike IsOptional, this does not let `null` pass. */
export function Omittable(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/** The field may be left out or null. */
export function OmittableOrNull(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined && value !== null);
}
