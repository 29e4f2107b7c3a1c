import {
  type ApiKeyId,
  encodeId,
  hashKey,
  type KeyRing,
  maskKey,
  mintId,
  mintKey,
  mintSecret,
  type StoreId,
  type WebhookId,
} from '@signpost/domain';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { ApiKeyEntity } from '../entities/api-key.entity';
import { WebhookEntity } from '../entities/webhook.entity';
import { openKeySecret, sealKeySecret } from '../keys/api-key-secrets';
import { type Actor, type AuditLog, changedValues } from './audit-log';
import { changeStore, NOT_FOUND, type NotFound } from './change-store';
import { makeGatesDue } from './due-gates';
import { type IdPage, pageOptions } from './id-page';

/** What an administrator can set of a key. */
export type ApiKeyInput = Pick<
  ApiKeyEntity,
  'description' | 'permissions' | 'activated' | 'expiresAt' | 'allowedCidrs' | 'rateLimit'
>;

export type ApiKeyCreation =
  { readonly kind: 'created'; readonly apiKey: ApiKeyEntity; readonly key: string; readonly secret: string } | NotFound;

/** `wakes`: the webhooks that a worker should look at now. */
export type ApiKeyUpdate =
  { readonly kind: 'updated'; readonly apiKey: ApiKeyEntity; readonly wakes: readonly WebhookId[] } | NotFound;

export type ApiKeyReveal = { readonly kind: 'revealed'; readonly key: string; readonly secret: string } | NotFound;

export type SecretRotation =
  { readonly kind: 'rotated'; readonly apiKey: ApiKeyEntity; readonly secret: string } | NotFound;

export type ApiKeyDeletion =
  | { readonly kind: 'deleted'; readonly wakes: readonly WebhookId[] }
  /** These webhooks are signed with the key. */
  | { readonly kind: 'in_use'; readonly webhooks: readonly Pick<WebhookEntity, 'id' | 'url'>[] }
  | NotFound;

/** The API keys of stores. Key and secret are sealed at rest, and leave in clear from `create`, `reveal` and `rotateSecret` alone. */
export class ApiKeyRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyRing: KeyRing,
    private readonly audit: AuditLog,
    private readonly nowMs: () => number,
  ) {}

  async create(storeId: StoreId, input: ApiKeyInput, actor: Actor): Promise<ApiKeyCreation> {
    const id = mintId('apiKey', this.nowMs());
    const key = mintKey();
    const secret = mintSecret();
    return changeStore(this.dataSource, storeId, async (manager) => {
      await manager.insert(ApiKeyEntity, {
        id,
        storeId,
        ...input,
        keyHash: hashKey(key),
        keySealed: sealKeySecret(this.keyRing, id, 'key', key),
        keyHint: maskKey(key),
        secretSealed: sealKeySecret(this.keyRing, id, 'secret', secret),
      });
      const apiKey = await manager.findOneByOrFail(ApiKeyEntity, { id });
      await this.record(manager, apiKey, actor, {
        action: 'api_key.created',
        after: { key: apiKey.keyHint, ...auditedValues(apiKey) },
      });
      return { kind: 'created', apiKey, key, secret };
    });
  }

  list(storeId: StoreId, page: IdPage): Promise<ApiKeyEntity[]> {
    const { where, ...options } = pageOptions<ApiKeyId>(page);
    return this.dataSource.getRepository(ApiKeyEntity).find({ where: { ...where, storeId }, ...options });
  }

  find(storeId: StoreId, id: ApiKeyId): Promise<ApiKeyEntity | null> {
    return this.dataSource.getRepository(ApiKeyEntity).findOneBy({ id, storeId });
  }

  /**
   * Changes what is given. A change of whether the key may sign makes the webhooks due for which it signs: their deliveries go, or are
   * held.
   */
  async update(storeId: StoreId, id: ApiKeyId, patch: Partial<ApiKeyInput>, actor: Actor): Promise<ApiKeyUpdate> {
    return this.change(storeId, id, async (manager, apiKey) => {
      const changes = changedValues(auditedValues(apiKey), { ...patch });
      if (changes === null) return { kind: 'updated', apiKey, wakes: [] };
      await manager.update(ApiKeyEntity, { id }, patch);
      const decidesAboutSigning = 'activated' in changes.after || 'expiresAt' in changes.after;
      const wakes = decidesAboutSigning ? (await signedBy(manager, id)).map((webhook) => webhook.id) : [];
      await makeGatesDue(manager, wakes);
      await this.record(manager, apiKey, actor, { action: 'api_key.updated', ...changes });
      return { kind: 'updated', apiKey: await manager.findOneByOrFail(ApiKeyEntity, { id }), wakes };
    });
  }

  /** Opens key and secret, and writes down who saw them. */
  async reveal(storeId: StoreId, id: ApiKeyId, actor: Actor): Promise<ApiKeyReveal> {
    return this.change(storeId, id, async (manager, apiKey) => {
      await this.record(manager, apiKey, actor, { action: 'api_key.revealed' });
      return {
        kind: 'revealed',
        key: openKeySecret(this.keyRing, id, 'key', apiKey.keySealed),
        secret: openKeySecret(this.keyRing, id, 'secret', apiKey.secretSealed),
      };
    });
  }

  /**
   * Gives the key a new secret. During the overlap the secret before it signs and authenticates too. An older secret, whose own overlap may
   * still run, ends at once.
   *
   * @param overlapSeconds - 0: the secret before ends at once
   */
  async rotateSecret(storeId: StoreId, id: ApiKeyId, overlapSeconds: number, actor: Actor): Promise<SecretRotation> {
    const secret = mintSecret();
    return this.change(storeId, id, async (manager, apiKey) => {
      const previous = openKeySecret(this.keyRing, id, 'secret', apiKey.secretSealed);
      const overlaps = overlapSeconds > 0;
      await manager
        .createQueryBuilder()
        .update(ApiKeyEntity)
        .set({
          secretSealed: sealKeySecret(this.keyRing, id, 'secret', secret),
          previousSecretSealed: overlaps ? sealKeySecret(this.keyRing, id, 'previous_secret', previous) : null,
          previousSecretUntil: overlaps ? () => `now() + make_interval(secs => :overlapSeconds)` : null,
          rotatedAt: () => 'now()',
        })
        .where({ id })
        .setParameters({ overlapSeconds })
        .execute();
      await this.record(manager, apiKey, actor, { action: 'api_key.secret_rotated', after: { overlapSeconds } });
      return { kind: 'rotated', apiKey: await manager.findOneByOrFail(ApiKeyEntity, { id }), secret };
    });
  }

  /**
   * Deletes the key for good.
   *
   * @param options.force - deletes the key even if it signs webhooks: their deliveries are held until another key is assigned
   */
  async delete(storeId: StoreId, id: ApiKeyId, options: { force: boolean }, actor: Actor): Promise<ApiKeyDeletion> {
    return this.change(storeId, id, async (manager, apiKey) => {
      const webhooks = await signedBy(manager, id);
      if (webhooks.length > 0 && !options.force) return { kind: 'in_use', webhooks };
      // The foreign key sets `api_key_id` of its webhooks to NULL, also of deleted ones.
      await manager.delete(ApiKeyEntity, { id });
      const wakes = webhooks.map((webhook) => webhook.id);
      await makeGatesDue(manager, wakes);
      await this.record(manager, apiKey, actor, {
        action: 'api_key.deleted',
        before: {
          key: apiKey.keyHint,
          ...auditedValues(apiKey),
          webhooks: wakes.map((each) => encodeId('webhook', each)),
        },
      });
      return { kind: 'deleted', wakes };
    });
  }

  private change<Outcome>(
    storeId: StoreId,
    id: ApiKeyId,
    work: (manager: EntityManager, apiKey: ApiKeyEntity) => Promise<Outcome>,
  ): Promise<Outcome | NotFound> {
    return changeStore(this.dataSource, storeId, async (manager) => {
      const apiKey = await manager.findOneBy(ApiKeyEntity, { id, storeId });
      return apiKey === null ? NOT_FOUND : work(manager, apiKey);
    });
  }

  private record(
    manager: EntityManager,
    { id, storeId }: ApiKeyEntity,
    actor: Actor,
    record: Omit<Parameters<AuditLog['append']>[3], 'objectId'>,
  ): Promise<void> {
    return this.audit.append(manager, storeId, actor, { ...record, objectId: encodeId('apiKey', id) });
  }
}

function signedBy(manager: EntityManager, apiKeyId: ApiKeyId): Promise<WebhookEntity[]> {
  return manager.find(WebhookEntity, {
    select: { id: true, url: true },
    where: { apiKeyId, deletedAt: IsNull() },
    order: { id: 'ASC' },
  });
}

function auditedValues(apiKey: ApiKeyEntity): Readonly<Record<string, unknown>> {
  const { description, permissions, activated, expiresAt, allowedCidrs, rateLimit } = apiKey;
  return { description, permissions, activated, expiresAt, allowedCidrs, rateLimit };
}
