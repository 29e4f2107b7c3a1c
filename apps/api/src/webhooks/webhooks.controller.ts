import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type Actor, WebhookRepository } from '@signpost/database';
import { type ApiKeyId, assertNever, decodeId, SignpostError, type WebhookId } from '@signpost/domain';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { noticedByWorkers } from '../platform/noticed-by-workers';
import { WakeSender } from '../platform/wake-sender';
import { notFound } from '../problems/not-found';
import { validationFailed } from '../problems/validation-pipe';
import { defined } from '../requests/defined';
import { IdParam } from '../requests/id-param';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import { UNKNOWN_KEY } from './is-key-id';
import { WebhookPage, WebhookView, webhookView } from './webhook.view';
import { CreateWebhookBody, UpdateWebhookBody } from './webhooks.dto';

@ApiTags('webhooks')
@Controller('api/v1/stores/:store/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly wakes: WakeSender,
  ) {}

  @Get()
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'List webhooks' })
  @ApiOkResponse({ type: WebhookPage })
  async list(@CurrentStore() store: RequestStore, @Query() query: PageQuery): Promise<WebhookPage> {
    const list = { of: 'webhooks', storeId: store.id };
    return pageOf(await this.webhooks.list(store.id, idPageOf(query, list)), query, list, webhookView);
  }

  @Post()
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({ summary: 'Create a webhook' })
  @ApiCreatedResponse({ type: WebhookView })
  @ApiConflictResponse({ description: '`no_active_api_key`: the store has no key that could sign.' })
  async create(
    @CurrentStore() store: RequestStore,
    @Body() { url, events, apiKeyId, description, rateLimit }: CreateWebhookBody,
    @CurrentActor() actor: Actor,
  ): Promise<WebhookView> {
    const webhook = {
      url,
      eventTypes: [...new Set(events)],
      apiKeyId: readKeyId(apiKeyId) ?? null,
      description,
      rateLimit,
    };
    const outcome = await this.webhooks.create(store.id, webhook, actor);
    switch (outcome.kind) {
      case 'created':
        return webhookView(outcome);
      case 'unknown_api_key':
        throw unknownKey();
      case 'no_active_api_key':
        throw new SignpostError('no_active_api_key', 'Create or activate an API key first: its secret signs.');
      case 'not_found':
        throw notFound('store');
      default:
        return assertNever(outcome);
    }
  }

  @Get(':id')
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'Show a webhook' })
  @ApiOkResponse({ type: WebhookView })
  async view(@CurrentStore() store: RequestStore, @IdParam('webhook') id: WebhookId): Promise<WebhookView> {
    const details = await this.webhooks.find(store.id, id);
    if (details === null) throw notFound('webhook');
    return webhookView(details);
  }

  @Patch(':id')
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({ summary: 'Change a webhook' })
  @ApiOkResponse({ type: WebhookView })
  async update(
    @CurrentStore() store: RequestStore,
    @IdParam('webhook') id: WebhookId,
    @Body() { url, events, apiKeyId, description, rateLimit, enabled }: UpdateWebhookBody,
    @CurrentActor() actor: Actor,
  ): Promise<WebhookView> {
    const eventTypes = events === undefined ? undefined : [...new Set(events)];
    const patch = defined({ url, eventTypes, apiKeyId: readKeyId(apiKeyId), description, rateLimit, enabled });
    const outcome = await this.webhooks.update(store.id, id, patch, actor);
    switch (outcome.kind) {
      case 'updated':
        this.wakes.send(outcome.wakes);
        if (enabled === false || url !== undefined || apiKeyId !== undefined) await noticedByWorkers();
        return webhookView(outcome);
      case 'unknown_api_key':
        throw unknownKey();
      case 'not_found':
        throw notFound('webhook');
      default:
        return assertNever(outcome);
    }
  }

  /** Once it answers, nothing more is sent to it; what waits is canceled. Its deliveries stay in the log. */
  @Delete(':id')
  @HttpCode(204)
  @Access({ operator: true, people: 'admin', recentSignIn: true })
  @ApiOperation({ summary: 'Delete a webhook' })
  @ApiNoContentResponse()
  async delete(
    @CurrentStore() store: RequestStore,
    @IdParam('webhook') id: WebhookId,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    const outcome = await this.webhooks.delete(store.id, id, actor);
    if (outcome.kind === 'not_found') throw notFound('webhook');
    this.wakes.send(outcome.wakes);
    await noticedByWorkers();
  }
}

function readKeyId(text: string | undefined): ApiKeyId | undefined {
  return text === undefined ? undefined : (decodeId('apiKey', text) ?? undefined);
}

function unknownKey(): SignpostError {
  return validationFailed([{ field: 'apiKeyId', ...UNKNOWN_KEY }]);
}
