import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { DeliveryStats } from '@signpost/database';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { StatsQuery, statsWindow } from './stats.dto';
import { StatsView, statsView } from './stats.view';

@ApiTags('stats')
@Controller('api/v1/stores/:store/stats')
export class StatsController {
  constructor(private readonly stats: DeliveryStats) {}

  @Get()
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'How deliveries fared, for charts' })
  @ApiResponse({ status: 200, type: StatsView })
  async show(@CurrentStore() store: RequestStore, @Query() query: StatsQuery): Promise<StatsView> {
    const window = statsWindow(query, Date.now());
    const [buckets, accepted, outcomes, webhooks, backlog] = await Promise.all([
      this.stats.buckets(store.id, window),
      this.stats.accepted(store.id, window),
      this.stats.outcomes(store.id, window),
      this.stats.webhooks(store.id, window),
      this.stats.backlog(store.id, window.webhookId),
    ]);
    return statsView(window, { buckets, accepted, outcomes, webhooks, backlog });
  }
}
