import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';
import { IsStorableText } from './storable-text';

/** Some character that people can see, neither white space nor one without a shape of its own: a name needs one. */
const SEEN = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** What the OpenAPI document says of it: not all programs that read patterns know Unicode's properties. */
export const NAME_PATTERN = '\\S';

/** The field is a storable text of 1 to `max` characters that people can see: characters without a shape name nothing. */
export function IsName(max: number): PropertyDecorator {
  return applyDecorators(
    IsStorableText({ min: 1, max }),
    Matches(SEEN, { message: '$property must have a visible character' }),
  );
}
