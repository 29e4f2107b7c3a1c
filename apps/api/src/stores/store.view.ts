import { ApiProperty } from '@nestjs/swagger';
import type { StoreEntity } from '@signpost/database';
import { encodeId } from '@signpost/domain';
import { PageOf } from '../requests/page';

export class StoreView {
  @ApiProperty({ example: 'str_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty({ description: 'Names the store in every address.' })
  key: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export class StorePage extends PageOf(StoreView) {}

export function storeView({ id, key, name, createdAt }: StoreEntity): StoreView {
  return { id: encodeId('store', id), key, name, createdAt: createdAt.toISOString() };
}
