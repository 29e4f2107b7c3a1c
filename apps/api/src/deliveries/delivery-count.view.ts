import { ApiProperty } from '@nestjs/swagger';
import type { LogCount } from '@signpost/database';

/** How many deliveries match. */
export class DeliveryCountView implements LogCount {
  @ApiProperty({ type: 'integer', maximum: 10_000 })
  count: number;

  @ApiProperty({ description: 'False: there are at least so many.' })
  exact: boolean;
}
