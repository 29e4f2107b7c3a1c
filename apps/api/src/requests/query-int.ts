import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

const DIGITS = /^\d{1,15}$/;

/** The field of a query is a whole number, written in decimal digits and nothing else. */
export function QueryInt(min: number, max: number): PropertyDecorator {
  const read = Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && DIGITS.test(value) ? Number(value) : value,
  );
  return applyDecorators(read, IsInt(), Min(min), Max(max));
}
