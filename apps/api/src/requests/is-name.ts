import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';
import { IsStorableText } from './storable-text';

/** Some character that is not white space: a name needs one. */
export const SEEN = /\S/;

/** The field is a storable text of 1 to `max` characters that people can see: white space alone names nothing. */
export function IsName(max: number): PropertyDecorator {
  return applyDecorators(
    IsStorableText({ min: 1, max }),
    Matches(SEEN, { message: '$property must not be white space alone' }),
  );
}
