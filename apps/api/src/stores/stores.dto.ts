import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import { IsName, NAME_PATTERN } from '../requests/is-name';
import { STORE_KEY } from '../requests/store-key';

const NAME_MAX = 200;

export class CreateStoreBody {
  @ApiProperty({ pattern: STORE_KEY.source, example: 'acme' })
  @IsString()
  @Matches(STORE_KEY, {
    message: 'key must be 1 to 63 lower-case letters, digits and hyphens, and not begin or end with a hyphen',
  })
  key: string;

  @ApiProperty({ minLength: 1, maxLength: NAME_MAX, pattern: NAME_PATTERN, example: 'Acme Ltd.' })
  @IsName(NAME_MAX)
  name: string;
}
