import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  type Actor,
  type ApiKeyEntity,
  ApiKeyRepository,
  KeyUsageQueries,
  UNUSED_SO_FAR,
  type WebhookEntity,
} from '@signpost/database';
import { type ApiKeyId, assertNever, encodeId, SignpostError } from '@signpost/domain';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { noticedByWorkers } from '../platform/noticed-by-workers';
import { WakeSender } from '../platform/wake-sender';
import { notFound } from '../problems/not-found';
import { defined } from '../requests/defined';
import { IdParam } from '../requests/id-param';
import { readIsoTime } from '../requests/iso-time';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import {
  ApiKeyPage,
  ApiKeyView,
  apiKeyView,
  CreatedApiKeyView,
  RevealedApiKeyView,
  RotatedApiKeyView,
} from './api-key.view';
import { CreateApiKeyBody, DeleteApiKeyQuery, RotateSecretBody, UpdateApiKeyBody } from './api-keys.dto';

@ApiTags('api-keys')
@Controller('api/v1/stores/:store/api-keys')
export class ApiKeysController {
  constructor(
    private readonly apiKeys: ApiKeyRepository,
    private readonly usage: KeyUsageQueries,
    private readonly wakes: WakeSender,
  ) {}

  @Get()
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'List API keys' })
  @ApiOkResponse({ type: ApiKeyPage })
  async list(@CurrentStore() store: RequestStore, @Query() query: PageQuery): Promise<ApiKeyPage> {
    const list = { of: 'api-keys', storeId: store.id };
    const apiKeys = await this.apiKeys.list(store.id, idPageOf(query, list));
    const standings = await this.usage.standings(apiKeys.map(({ id }) => id));
    return pageOf(apiKeys, query, list, (apiKey) => apiKeyView(apiKey, standings.get(apiKey.id) ?? UNUSED_SO_FAR));
  }

  /** Key and secret are shown here; later they have to be revealed. */
  @Post()
  @Header('cache-control', 'no-store')
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({ summary: 'Create an API key' })
  @ApiCreatedResponse({ type: CreatedApiKeyView })
  async create(
    @CurrentStore() store: RequestStore,
    @Body() { description, permissions, activated, ...limits }: CreateApiKeyBody,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedApiKeyView> {
    const { expiresAt = null, allowedCidrs = null, rateLimit = null } = limits;
    const input = { description, permissions, activated, expiresAt: dateOf(expiresAt), allowedCidrs, rateLimit };
    const outcome = await this.apiKeys.create(store.id, input, actor);
    if (outcome.kind === 'not_found') throw notFound('store');
    return { ...apiKeyView(outcome.apiKey, UNUSED_SO_FAR), key: outcome.key, secret: outcome.secret };
  }

  @Get(':id')
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'Show an API key' })
  @ApiOkResponse({ type: ApiKeyView })
  async view(@CurrentStore() store: RequestStore, @IdParam('apiKey') id: ApiKeyId): Promise<ApiKeyView> {
    const apiKey = await this.apiKeys.find(store.id, id);
    if (apiKey === null) throw notFound('apiKey');
    return this.show(apiKey);
  }

  /**
   * Holds on every instance from the next request on, a higher rate limit a second later for whom the old one refuses; once it answers, no
   * delivery is signed any more by a key that was switched off.
   */
  @Patch(':id')
  @Access({ operator: true, people: 'admin' })
  @ApiOperation({ summary: 'Change an API key' })
  @ApiOkResponse({ type: ApiKeyView })
  async update(
    @CurrentStore() store: RequestStore,
    @IdParam('apiKey') id: ApiKeyId,
    @Body() { description, permissions, activated, expiresAt, allowedCidrs, rateLimit }: UpdateApiKeyBody,
    @CurrentActor() actor: Actor,
  ): Promise<ApiKeyView> {
    const limits = { expiresAt: expiresAt === undefined ? undefined : dateOf(expiresAt), allowedCidrs, rateLimit };
    const patch = defined({ description, permissions, activated, ...limits });
    const outcome = await this.apiKeys.update(store.id, id, patch, actor);
    if (outcome.kind === 'not_found') throw notFound('apiKey');
    this.wakes.send(outcome.wakes);
    if (activated === false || expiresAt !== undefined) await noticedByWorkers();
    return this.show(outcome.apiKey);
  }

  /** The audit log records who saw key and secret. */
  @Post(':id/reveal')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Access({ operator: true, people: 'admin', recentSignIn: true })
  @ApiOperation({ summary: 'Reveal key and secret' })
  @ApiOkResponse({ type: RevealedApiKeyView })
  async reveal(
    @CurrentStore() store: RequestStore,
    @IdParam('apiKey') id: ApiKeyId,
    @CurrentActor() actor: Actor,
  ): Promise<RevealedApiKeyView> {
    const outcome = await this.apiKeys.reveal(store.id, id, actor);
    if (outcome.kind === 'not_found') throw notFound('apiKey');
    return { key: outcome.key, secret: outcome.secret };
  }

  /** During the overlap both secrets sign and authenticate. */
  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Access({ operator: true, people: 'admin', recentSignIn: true })
  @ApiOperation({
    summary: 'Rotate the secret',
    description: 'A key has two secrets at most: rotating it again within an overlap ends the older one at once.',
  })
  @ApiBody({ type: RotateSecretBody, required: false })
  @ApiOkResponse({ type: RotatedApiKeyView })
  async rotateSecret(
    @CurrentStore() store: RequestStore,
    @IdParam('apiKey') id: ApiKeyId,
    @Body() { overlapSeconds }: RotateSecretBody,
    @CurrentActor() actor: Actor,
  ): Promise<RotatedApiKeyView> {
    const outcome = await this.apiKeys.rotateSecret(store.id, id, overlapSeconds, actor);
    if (outcome.kind === 'not_found') throw notFound('apiKey');
    await noticedByWorkers();
    return { ...(await this.show(outcome.apiKey)), secret: outcome.secret };
  }

  /** Access ends at once, on every instance; once it answers, the key signs nothing more. */
  @Delete(':id')
  @HttpCode(204)
  @Access({ operator: true, people: 'admin', recentSignIn: true })
  @ApiOperation({ summary: 'Delete an API key' })
  @ApiNoContentResponse()
  @ApiConflictResponse({
    description:
      '`api_key_in_use`: `webhooks` names what it signs. With `force=true` those are held until another key is assigned.',
  })
  async delete(
    @CurrentStore() store: RequestStore,
    @IdParam('apiKey') id: ApiKeyId,
    @Query() query: DeleteApiKeyQuery,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    const outcome = await this.apiKeys.delete(store.id, id, { force: query.force === 'true' }, actor);
    switch (outcome.kind) {
      case 'deleted':
        this.wakes.send(outcome.wakes);
        return noticedByWorkers();
      case 'in_use':
        throw inUse(outcome.webhooks);
      case 'not_found':
        throw notFound('apiKey');
      default:
        return assertNever(outcome);
    }
  }

  private async show(apiKey: ApiKeyEntity): Promise<ApiKeyView> {
    return apiKeyView(apiKey, (await this.usage.standings([apiKey.id])).get(apiKey.id) ?? UNUSED_SO_FAR);
  }
}

function dateOf(time: string | null): Date | null {
  const timeMs = time === null ? null : readIsoTime(time);
  return timeMs === null ? null : new Date(timeMs);
}

/** A problem document names no more webhooks than this. */
const NAMED_WEBHOOKS_MAX = 100;

function inUse(webhooks: readonly Pick<WebhookEntity, 'id' | 'url'>[]): SignpostError {
  const signed = webhooks.length === 1 ? 'a webhook' : `${webhooks.length} webhooks`;
  const message = `The key signs ${signed}. Assign another key there, or delete with force=true.`;
  return new SignpostError('api_key_in_use', message, {
    details: {
      webhooks: webhooks.slice(0, NAMED_WEBHOOKS_MAX).map(({ id, url }) => ({ id: encodeId('webhook', id), url })),
    },
  });
}
