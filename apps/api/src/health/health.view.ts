import { ApiProperty } from '@nestjs/swagger';

export class AliveView {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

export type PartState = 'up' | 'down';

export class ReadyChecks {
  @ApiProperty({ enum: ['up', 'down'] })
  database: PartState;

  @ApiProperty({ enum: ['up', 'down'] })
  queue: PartState;
}

export class ReadyView {
  @ApiProperty({ enum: ['ready'] })
  status: 'ready';

  @ApiProperty({ type: ReadyChecks })
  checks: ReadyChecks;
}
