import type { StoreId } from '@signpost/domain';
import { NOTICED_WITHIN_MS, Registry } from './registry';
import type { RegisteredWebhook, RegistrySource, StoreRegistry } from './ports/registry-source';
import { deferred, registeredWebhook, storeId, webhookId } from './testing/deliveries';

/** Stores whose only webhook has the store's number, each at a version that the test sets. */
class Source implements RegistrySource {
  readonly versions = new Map<StoreId, number>();
  readonly loads: StoreId[][] = [];
  readonly checks: StoreId[][] = [];
  before: () => Promise<unknown> = () => Promise.resolve();

  constructor(stores: number) {
    for (let n = 1; n <= stores; n += 1) this.versions.set(storeId(n), 1);
  }

  async loadStores(storeIds: readonly StoreId[]): Promise<StoreRegistry[]> {
    this.loads.push([...storeIds]);
    await this.before();
    return storeIds.flatMap((id) => {
      const version = this.versions.get(id);
      const n = [...this.versions.keys()].indexOf(id) + 1;
      const webhooks = [registeredWebhook(n, { storeId: id, url: `v${version}` })];
      return version === undefined ? [] : [{ storeId: id, version: String(version), webhooks }];
    });
  }

  async loadVersions(storeIds: readonly StoreId[]): Promise<ReadonlyMap<StoreId, string>> {
    this.checks.push([...storeIds]);
    await this.before();
    return new Map(storeIds.flatMap((id) => (this.versions.has(id) ? [[id, String(this.versions.get(id))]] : [])));
  }
}

const [ONE, TWO] = [storeId(1), storeId(2)];
let source: Source;
let registry: Registry;
let nowMs: number;

beforeEach(() => {
  nowMs = 10_000;
  source = new Source(3);
  registry = new Registry(source, () => nowMs);
});

const storesAt = (version: string, webhooks: RegisteredWebhook[]): StoreRegistry[] => [
  { storeId: ONE, version, webhooks },
];
const urlOf = async (n: number): Promise<string | undefined> => (await registry.webhook(storeId(n), webhookId(n)))?.url;

describe('the registry', () => {
  it('answers at once from memory what was checked just now, and no longer', async () => {
    expect(await urlOf(1)).toBe('v1');
    source.versions.set(ONE, 2);

    nowMs += NOTICED_WITHIN_MS - 1;
    expect(registry.webhook(ONE, webhookId(1))).toMatchObject({ url: 'v1' });
    nowMs += 1;
    expect(await urlOf(1)).toBe('v2');
  });

  it('counts that time from when PostgreSQL was asked, not from when it answered', async () => {
    await urlOf(1);
    nowMs += 5_000;
    const answer = deferred<undefined>();
    const left = deferred<undefined>();
    source.before = () => {
      left.resolve(undefined);
      return answer.promise;
    };
    const asked = urlOf(1);
    await left.promise;
    nowMs += NOTICED_WITHIN_MS;
    answer.resolve(undefined);
    await asked;

    expect(registry.webhook(ONE, webhookId(1))).toBeInstanceOf(Promise);
  });

  it('asks once more where the answer was long under way, as when the process was frozen meanwhile', async () => {
    await urlOf(1);
    nowMs += 5_000;
    const loadVersions = source.loadVersions.bind(source);
    source.loadVersions = async (storeIds) => {
      const read = await loadVersions(storeIds);
      source.versions.set(ONE, 2);
      nowMs += 5_000;
      return read;
    };

    expect(await urlOf(1)).toBe('v2');
    expect(source.checks).toHaveLength(2);
  });

  it('loads a store again only when its version has changed', async () => {
    await urlOf(1);
    nowMs += 2_000;
    await urlOf(1);
    source.versions.set(ONE, 2);
    nowMs += 2_000;
    await urlOf(1);

    expect(source.loads).toEqual([[ONE], [ONE]]);
    expect(source.checks).toEqual([[ONE], [ONE]]);
  });

  it('asks once for everybody who asks at the same time', async () => {
    await Promise.all([urlOf(1), urlOf(1), urlOf(2), urlOf(3)]);
    expect(source.loads).toHaveLength(1);
    expect(new Set(source.loads[0])).toEqual(new Set([ONE, TWO, storeId(3)]));

    nowMs += 2_000;
    await Promise.all([urlOf(1), urlOf(2), urlOf(1)]);
    expect(source.checks).toEqual([[ONE, TWO]]);
  });

  it('knows of a webhook or a store that is not there that it is not', async () => {
    expect(await registry.webhook(ONE, webhookId(9))).toBeNull();
    expect(await registry.webhook(storeId(9), webhookId(9))).toBeNull();
    source.versions.delete(ONE);
    nowMs += 2_000;
    expect(await registry.webhook(ONE, webhookId(1))).toBeNull();
  });

  it('fails everybody who asked when PostgreSQL is away, and asks anew the next time', async () => {
    source.before = () => Promise.reject(new Error('away'));
    const asked = [urlOf(1), urlOf(2)];
    for (const one of asked) await expect(one).rejects.toThrow('away');
    source.before = () => Promise.resolve();
    expect(await urlOf(1)).toBe('v1');
  });

  it('takes versions that were read elsewhere for a check', async () => {
    const first = await registry.atVersions(new Map([[ONE, '1']]), nowMs);
    expect(first.get(ONE)?.get(webhookId(1))?.url).toBe('v1');
    nowMs += 900;
    await registry.atVersions(new Map([[ONE, '1']]), nowMs);
    nowMs += NOTICED_WITHIN_MS - 1;
    expect(registry.webhook(ONE, webhookId(1))).toMatchObject({ url: 'v1' });
    expect(source.loads).toHaveLength(1);
  });

  it('keeps what a newer answer brought when an older one comes later', async () => {
    const older = deferred<StoreRegistry[]>();
    const answers = [older.promise, Promise.resolve(storesAt('2', [registeredWebhook(1), registeredWebhook(2)]))];
    const heard: string[] = [];
    source.loadStores = () => answers.shift()!;
    registry = new Registry(
      source,
      () => nowMs,
      ({ id }) => heard.push(id),
    );
    const askedFirst = registry.atVersions(new Map([[ONE, '1']]), nowMs);
    nowMs += 10;
    await registry.atVersions(new Map([[ONE, '2']]), nowMs);
    nowMs += 10;
    older.resolve(storesAt('1', [registeredWebhook(1)]));

    expect((await askedFirst).get(ONE)?.version).toBe('2');
    expect(registry.webhook(ONE, webhookId(2))).toMatchObject({ id: webhookId(2) });
    expect(heard).toEqual([webhookId(1), webhookId(2)]);
  });

  it('keeps what a newer answer brought when an older one, asked for meanwhile, comes later', async () => {
    const [older, newer] = [deferred<StoreRegistry[]>(), deferred<StoreRegistry[]>()];
    const answers = [newer.promise, older.promise];
    source.loadStores = () => answers.shift()!;
    const askedFirst = registry.atVersions(new Map([[ONE, '2']]), nowMs);
    nowMs += 10;
    const askedMeanwhile = registry.atVersions(new Map([[ONE, '1']]), nowMs);
    nowMs += 10;
    newer.resolve(storesAt('2', [registeredWebhook(1)]));
    await askedFirst;
    older.resolve(storesAt('1', []));

    expect((await askedMeanwhile).get(ONE)?.version).toBe('2');
  });

  it('believes PostgreSQL when it has gone back to a version of before', async () => {
    source.versions.set(ONE, 9);
    expect(await urlOf(1)).toBe('v9');
    source.versions.set(ONE, 8);
    nowMs += NOTICED_WITHIN_MS;
    expect(await urlOf(1)).toBe('v8');
  });

  it('finds subscribers by event type, in the order of their ids', async () => {
    source.loadStores = async () => [
      {
        storeId: ONE,
        version: '1',
        webhooks: [registeredWebhook(1), registeredWebhook(2, { eventTypes: [] }), registeredWebhook(3)],
      },
    ];
    const stores = await registry.atVersions(new Map([[ONE, '1']]), nowMs);
    expect(
      stores
        .get(ONE)
        ?.subscribedTo('order.create')
        .map(({ id }) => id),
    ).toEqual([webhookId(1), webhookId(3)]);
    expect(stores.get(ONE)?.subscribedTo('order.update')).toEqual([]);
  });
});

describe('a registry that is full', () => {
  beforeEach(() => {
    registry = new Registry(source, () => nowMs, undefined, 2);
  });

  it('lets go of the store that was used longest ago', async () => {
    await urlOf(1);
    await urlOf(2);
    await registry.atVersions(new Map([[ONE, '1']]), nowMs);
    await urlOf(3);

    expect(registry.webhook(ONE, webhookId(1))).not.toBeInstanceOf(Promise);
    expect(registry.webhook(TWO, webhookId(2))).toBeInstanceOf(Promise);
  });

  it('knows the webhooks of each store that it was asked for, also of those that had to make room', async () => {
    await urlOf(1);
    const stores = await registry.atVersions(
      new Map([
        [ONE, '1'],
        [TWO, '1'],
        [storeId(3), '1'],
      ]),
      nowMs,
    );
    expect([...stores.values()].map((webhooks) => webhooks.subscribedTo('order.create').length)).toEqual([1, 1, 1]);
  });

  it('takes no webhook for deleted because its store had to make room', async () => {
    await urlOf(1);
    nowMs += 2_000;
    const urls = await Promise.all([urlOf(1), urlOf(2), urlOf(3)]);
    expect(urls).toEqual(['v1', 'v1', 'v1']);
  });
});
