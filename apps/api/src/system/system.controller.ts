import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { readSystemState, SqlClient } from '@signpost/database';
import { BullJobQueue } from '@signpost/queue';
import { version } from '../../../../package.json';
import { Access } from '../access/access.decorator';
import { within } from '../health/within';
import { SystemView, systemView } from './system.view';

/** How long each part may take to answer: whoever asks wants to know which part is slow. */
const ANSWER_MS_MAX = 2_000;

@ApiTags('operation')
@Controller('api/v1/system')
export class SystemController {
  constructor(
    private readonly sql: SqlClient,
    private readonly queue: BullJobQueue,
  ) {}

  @Get()
  @Access({ operator: true, people: 'operator' })
  @ApiOperation({ summary: 'What waits, and who works on it, over all stores' })
  @ApiResponse({ status: 200, type: SystemView })
  async show(): Promise<SystemView> {
    const [state, counts] = await Promise.all([
      within(readSystemState(this.sql), ANSWER_MS_MAX),
      within(this.queue.counts(), ANSWER_MS_MAX),
    ]);
    return systemView(version, state, counts);
  }
}
