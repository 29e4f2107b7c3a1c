import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiKeyRepository, KeyUsageQueries, UNUSED_SO_FAR } from '@signpost/database';
import type { ApiKeyId } from '@signpost/domain';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { notFound } from '../problems/not-found';
import { IdParam } from '../requests/id-param';
import { KeyUsageQuery, KeyUsageView, keyUsageView, usageSpan } from './key-usage.view';

@ApiTags('api-keys')
@Controller('api/v1/stores/:store/api-keys')
export class KeyUsageController {
  constructor(
    private readonly apiKeys: ApiKeyRepository,
    private readonly usage: KeyUsageQueries,
  ) {}

  /** Refused calls are counted too. A call shows up some seconds after it was made. */
  @Get(':id/usage')
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'Show what an API key is used for' })
  @ApiOkResponse({ type: KeyUsageView })
  async show(
    @CurrentStore() store: RequestStore,
    @IdParam('apiKey') id: ApiKeyId,
    @Query() query: KeyUsageQuery,
  ): Promise<KeyUsageView> {
    const { sinceMs, untilMs } = usageSpan(query, Date.now());
    if ((await this.apiKeys.find(store.id, id)) === null) throw notFound('apiKey');
    const [standings, hours] = await Promise.all([this.usage.standings([id]), this.usage.hours(id, sinceMs, untilMs)]);
    return keyUsageView(standings.get(id) ?? UNUSED_SO_FAR, hours);
  }
}
