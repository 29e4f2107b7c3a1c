import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Actor, RecoveryRepository, type RetryFilter } from '@signpost/database';
import { decodeId, type RecoveryId, type WebhookId } from '@signpost/domain';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { notFound } from '../problems/not-found';
import { validationFailed } from '../problems/validation-pipe';
import { IdParam } from '../requests/id-param';
import { readIsoTime } from '../requests/iso-time';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import { RecoverBody, RetryBody, type RetryFilterBody, statusesOf } from './recoveries.dto';
import { RecoveryRequests } from './recovery-requests';
import { RecoveryPage, RecoveryView, recoveryView } from './recovery.view';

/** Sends again, with the same `webhook-id`, what had failed when it was asked for. */
@ApiTags('recoveries')
@Controller('api/v1/stores/:store')
export class RecoveriesController {
  constructor(
    private readonly requests: RecoveryRequests,
    private readonly recoveries: RecoveryRepository,
  ) {}

  @Post('webhooks/:id/recover')
  @HttpCode(202)
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({
    summary: 'Send again what failed in a window',
    description: 'Workers do it step by step; `GET …/recoveries/:id` tells how far they have got.',
  })
  @ApiResponse({ status: 202, type: RecoveryView })
  @ApiConflictResponse({ description: '`webhook_disabled`: enable it first.' })
  async recover(
    @CurrentStore() store: RequestStore,
    @IdParam('webhook') id: WebhookId,
    @Body() { since, until, statuses }: RecoverBody,
    @CurrentActor() actor: Actor,
  ): Promise<RecoveryView> {
    const window = { sinceMs: readIsoTime(since) ?? 0, untilMs: timeMs(until), statuses: [...new Set(statuses)] };
    return recoveryView(await this.requests.recover(store.id, id, window, actor));
  }

  @Post('deliveries/retry')
  @HttpCode(202)
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({
    summary: 'Send again all deliveries that match',
    description: 'Those whose webhook is deleted or disabled are skipped and counted.',
  })
  @ApiResponse({ status: 202, type: RecoveryView })
  async retry(
    @CurrentStore() store: RequestStore,
    @Body() { filter }: RetryBody,
    @CurrentActor() actor: Actor,
  ): Promise<RecoveryView> {
    return recoveryView(await this.requests.retry(store.id, readFilter(filter), actor));
  }

  @Get('recoveries')
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'List recoveries' })
  @ApiResponse({ status: 200, type: RecoveryPage })
  async list(@CurrentStore() store: RequestStore, @Query() query: PageQuery): Promise<RecoveryPage> {
    const list = { of: 'recoveries', storeId: store.id };
    return pageOf(await this.recoveries.list(store.id, idPageOf(query, list)), query, list, recoveryView);
  }

  @Get('recoveries/:id')
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'Show how far a recovery has got' })
  @ApiResponse({ status: 200, type: RecoveryView })
  async show(@CurrentStore() store: RequestStore, @IdParam('recovery') id: RecoveryId): Promise<RecoveryView> {
    const recovery = await this.recoveries.find(store.id, id);
    if (recovery === null) throw notFound('recovery');
    return recoveryView(recovery);
  }
}

/** @throws SignpostError `validation_failed` for no filter at all, and for both ways of naming statuses */
function readFilter(filter: RetryFilterBody): RetryFilter {
  if (Object.values(filter).every((value) => value === undefined)) {
    throw filterRefused('filter', 'empty_filter', 'filter must have at least one filter.');
  }
  if (filter.status !== undefined && filter.statuses !== undefined) {
    throw filterRefused('filter.status', 'exclusive', 'filter has either status or statuses, not both.');
  }
  return {
    webhookId: filter.webhookId === undefined ? null : decodeId('webhook', filter.webhookId),
    eventId: filter.eventId === undefined ? null : decodeId('event', filter.eventId),
    statuses: [...new Set(statusesOf(filter))],
    eventType: filter.eventType ?? null,
    statusCode: filter.statusCode ?? null,
    errorCode: filter.errorCode ?? null,
    sinceMs: timeMs(filter.since),
    untilMs: timeMs(filter.until),
  };
}

function filterRefused(field: string, rule: string, message: string): ReturnType<typeof validationFailed> {
  return validationFailed([{ field, rule, message }]);
}

function timeMs(text: string | undefined): number | null {
  return text === undefined ? null : readIsoTime(text);
}
