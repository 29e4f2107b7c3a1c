import { timingSafeEqual } from 'node:crypto';
import { type ApiKeyLookup, type FoundApiKey, openKeySecret } from '@signpost/database';
import { type ApiKeyId, hashKey, isWellFormedKey, type KeyRing, type Permission } from '@signpost/domain';
import type { RecognisedKey } from './caller';
import { KeyNetworks } from './key-networks';

/** What somebody shows to be taken for an API key. */
export interface ShownKey {
  readonly key: string;
  readonly secret: string;
  /** Where it is used from; null: not known, and then the key's networks are not looked at. */
  readonly address: string | null;
}

/** What became of a key and a secret. */
export type KeyAuthentication =
  | { readonly kind: 'accepted'; readonly caller: RecognisedKey; readonly storeKey: string }
  /** Key and secret belong together, but the key may not be used: it is switched off, expired, or meant for other networks. */
  | { readonly kind: 'deactivated' | 'expired' | 'address_not_allowed'; readonly caller: RecognisedKey }
  /** Unknown key, deleted key, wrong secret: one answer. `apiKeyId` is for counting alone: which key's secret was wrong. */
  | { readonly kind: 'refused'; readonly apiKeyId: ApiKeyId | null };

/** A key as it was read last; secrets are kept as SHA-256 digests only. */
interface KnownKey {
  readonly found: Omit<FoundApiKey, 'secretSealed' | 'previousSecretSealed' | 'allowedCidrs' | 'permissions'>;
  readonly secretDigest: Buffer;
  readonly previousDigest: Buffer | null;
  readonly networks: KeyNetworks | null;
  readonly caller: RecognisedKey;
  readonly readAtMs: number;
}

const REFUSED: KeyAuthentication = { kind: 'refused', apiKeyId: null };

/**
 * How long an accepted caller is accepted again without I/O, where the handler asks for that. Whoever changed a key is noticed by the
 * handler; only a key that is refused for its rate never comes so far, and must not wait long for a higher limit.
 */
const CACHED_FOR_MS = { limited: 10_000, unlimited: 60_000 };

/** Keys remembered at most; the one that was read longest ago gives way. */
const KNOWN_KEYS_MAX = 50_000;

/** Checks keys and secrets of stores. */
export class KeyAuthenticator {
  private readonly known = new Map<string, KnownKey>();
  private readonly permissionSets = new Map<string, ReadonlySet<Permission>>();

  /** @param nowMs - a clock in milliseconds; only differences count */
  constructor(
    private readonly lookup: ApiKeyLookup,
    private readonly keyRing: KeyRing,
    private readonly nowMs: () => number,
  ) {}

  /**
   * Authenticates a key and its secret. The database is asked each time, so that a change holds on the very next request;
   * only the opening of the sealed secrets is remembered, for one version of the key.
   *
   * @param options.cached - accept, without any I/O, what was read a moment ago. For callers that check the version again in
   *   their own transaction. Never refuses from memory.
   */
  async authenticate(shown: ShownKey, options: { cached: boolean }): Promise<KeyAuthentication> {
    const keyHash = hashKey(shown.key);
    const name = keyHash.toString('base64');
    const digest = hashKey(shown.secret);
    const remembered = this.known.get(name);
    if (options.cached && remembered !== undefined && this.isRecent(remembered)) {
      const outcome = judge(remembered, digest, shown.address);
      if (outcome.kind === 'accepted') return outcome;
    }
    if (!isWellFormedKey(shown.key)) return REFUSED;
    const found = await this.lookup.findByHash(keyHash);
    if (found === null) {
      this.known.delete(name);
      return REFUSED;
    }
    const current = this.recall(remembered, found);
    this.remember(name, current);
    return judge(current, digest, shown.address);
  }

  private isRecent({ found, readAtMs }: KnownKey): boolean {
    const cachedForMs = found.rateLimit === null ? CACHED_FOR_MS.unlimited : CACHED_FOR_MS.limited;
    return this.nowMs() - readAtMs < cachedForMs;
  }

  /** Opens the secrets, unless they are known for this very version. */
  private recall(remembered: KnownKey | undefined, row: FoundApiKey): KnownKey {
    const { secretSealed, previousSecretSealed, allowedCidrs, permissions, ...found } = row;
    const readAtMs = this.nowMs();
    if (remembered?.found.id === found.id && remembered.found.version === found.version) {
      return { ...remembered, found, readAtMs };
    }
    return {
      found,
      secretDigest: this.digestOf(found, 'secret', secretSealed),
      previousDigest:
        previousSecretSealed === null ? null : this.digestOf(found, 'previous_secret', previousSecretSealed),
      networks: allowedCidrs === null ? null : new KeyNetworks(allowedCidrs),
      caller: {
        kind: 'api_key',
        storeId: found.storeId,
        apiKeyId: found.id,
        version: found.version,
        usedPreviousSecret: false,
        permissions: this.sharedSet(permissions),
        rateLimit: found.rateLimit,
      },
      readAtMs,
    };
  }

  /** Keys with the same permissions share one set of them. */
  private sharedSet(permissions: readonly Permission[]): ReadonlySet<Permission> {
    const name = permissions.toSorted().join(' ');
    const set = this.permissionSets.get(name) ?? new Set(permissions);
    this.permissionSets.set(name, set);
    return set;
  }

  private digestOf({ id }: Pick<FoundApiKey, 'id'>, column: 'secret' | 'previous_secret', sealed: string): Buffer {
    return hashKey(openKeySecret(this.keyRing, id, column, sealed));
  }

  private remember(name: string, key: KnownKey): void {
    this.known.delete(name);
    this.known.set(name, key);
    if (this.known.size <= KNOWN_KEYS_MAX) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}

function judge(known: KnownKey, digest: Buffer, address: string | null): KeyAuthentication {
  const { found, secretDigest, previousDigest, networks, caller } = known;
  const isCurrent = timingSafeEqual(digest, secretDigest);
  const isPrevious = previousDigest !== null && timingSafeEqual(digest, previousDigest) && found.previousSecretValid;
  if (!isCurrent && !isPrevious) return { kind: 'refused', apiKeyId: found.id };
  if (!found.activated) return { kind: 'deactivated', caller };
  if (found.expired) return { kind: 'expired', caller };
  if (address !== null && networks?.contain(address) === false) return { kind: 'address_not_allowed', caller };
  return {
    kind: 'accepted',
    caller: isCurrent ? caller : { ...caller, usedPreviousSecret: true },
    storeKey: found.storeKey,
  };
}
