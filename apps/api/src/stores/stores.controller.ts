import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type Actor, StoreRepository } from '@signpost/database';
import { SignpostError } from '@signpost/domain';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { CurrentActor } from '../access/current-actor';
import { noticedByWorkers } from '../platform/noticed-by-workers';
import { WakeSender } from '../platform/wake-sender';
import { notFound } from '../problems/not-found';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import { StorePage, StoreView, storeView } from './store.view';
import { CreateStoreBody } from './stores.dto';

const STORES = { of: 'stores', storeId: null };

@ApiTags('stores')
@Controller('api/v1/stores')
export class StoresController {
  constructor(
    private readonly stores: StoreRepository,
    private readonly wakes: WakeSender,
  ) {}

  @Post()
  @Access({ operator: true, people: 'operator' })
  @ApiOperation({ summary: 'Create a store' })
  @ApiCreatedResponse({ type: StoreView })
  @ApiConflictResponse({ description: '`already_exists`: another store has this key.' })
  async create(@Body() { key, name }: CreateStoreBody, @CurrentActor() actor: Actor): Promise<StoreView> {
    const outcome = await this.stores.create({ key, name }, actor);
    if (outcome.kind === 'created') return storeView(outcome.store);
    throw new SignpostError('already_exists', 'Another store has this key.');
  }

  @Get()
  @Access({ operator: true, people: 'operator' })
  @ApiOperation({ summary: 'List stores' })
  @ApiOkResponse({ type: StorePage })
  async list(@Query() query: PageQuery): Promise<StorePage> {
    return pageOf(await this.stores.list(idPageOf(query, STORES)), query, STORES, storeView);
  }

  @Get(':store')
  @Access({ operator: true, people: 'viewer' })
  @ApiOperation({ summary: 'Show a store' })
  @ApiOkResponse({ type: StoreView })
  async view(@CurrentStore() { key }: RequestStore): Promise<StoreView> {
    const store = await this.stores.findByKey(key);
    if (store === null) throw notFound('store');
    return storeView(store);
  }

  /** Its keys are gone at once, its webhooks get nothing more, its log stays. */
  @Delete(':store')
  @HttpCode(204)
  @Access({ operator: true, people: 'operator', recentSignIn: true })
  @ApiOperation({ summary: 'Delete a store' })
  @ApiNoContentResponse()
  async delete(@CurrentStore() { id }: RequestStore, @CurrentActor() actor: Actor): Promise<void> {
    const outcome = await this.stores.delete(id, actor);
    if (outcome.kind === 'not_found') throw notFound('store');
    this.wakes.send(outcome.wakes);
    await noticedByWorkers();
  }
}
