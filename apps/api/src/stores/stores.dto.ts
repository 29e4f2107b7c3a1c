import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import { IsStorableText } from '../requests/storable-text';
import { STORE_KEY } from '../requests/store-key';

export class CreateStoreBody {
  @ApiProperty({ pattern: STORE_KEY.source, example: 'acme' })
  @IsString()
  @Matches(STORE_KEY, {
    message: 'key must be 1 to 63 lower-case letters, digits and hyphens, and not begin or end with a hyphen',
  })
  key: string;

  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Acme Ltd.' })
  @IsStorableText({ min: 1, max: 200 })
  name: string;
}
