import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { DatabaseClock, DeliveryStats, type StatsWindow } from '@signpost/database';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { StatsQuery, statsWindow } from './stats.dto';
import { StatsView, statsView } from './stats.view';

@ApiTags('stats')
@Controller('api/v1/stores/:store/stats')
export class StatsController {
  constructor(
    private readonly stats: DeliveryStats,
    private readonly clock: DatabaseClock,
  ) {}

  @Get()
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'How deliveries fared, for charts' })
  @ApiResponse({ status: 200, type: StatsView })
  async show(@CurrentStore() store: RequestStore, @Query() query: StatsQuery): Promise<StatsView> {
    const window = statsWindow(query, this.clock.nowMs());
    const [counts, webhooks, backlog] = await Promise.all([
      this.counts(store, window),
      this.stats.webhooks(store.id, window),
      this.stats.backlog(store.id, window.webhookId),
    ]);
    return statsView(window, { ...counts, webhooks, backlog });
  }

  /** One after the other: each is short, and a connection for each would cost more, above all the first time. */
  private async counts({ id }: RequestStore, window: StatsWindow) {
    const accepted = await this.stats.accepted(id, window);
    const outcomes = await this.stats.outcomes(id, window);
    const buckets = await this.stats.buckets(id, window);
    return { accepted, outcomes, buckets };
  }
}
