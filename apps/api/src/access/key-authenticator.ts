import { timingSafeEqual } from 'node:crypto';
import { type ApiKeyLookup, type FoundApiKey, openKeySecret } from '@signpost/database';
import { hashKey, isWellFormedKey, type KeyRing, type Permission } from '@signpost/domain';
import type { RecognisedKey } from './caller';
import { KeyNetworks } from './key-networks';

/** What a caller shows to authenticate with an API key. */
export interface ShownKey {
  readonly key: string;
  readonly secret: string;
  /** Where it is used from; null: not known, and then the key's networks are not looked at. */
  readonly address: string | null;
}

export interface AcceptedKey {
  readonly kind: 'accepted';
  readonly caller: RecognisedKey;
  readonly storeKey: string;
  /** Where it may be used from; null: from everywhere. */
  readonly networks: KeyNetworks | null;
}

/** The outcome of authenticating a key and a secret. */
export type KeyAuthentication =
  | AcceptedKey
  /** Key and secret belong together, but the key may not be used: it is switched off, expired, or meant for other networks. */
  | { readonly kind: 'deactivated' | 'expired' | 'address_not_allowed'; readonly caller: RecognisedKey }
  /**
   * Unknown key, deleted key, wrong secret: one answer. `wrongSecretOf` is the key whose secret was wrong, and serves only to count the
   * call.
   */
  | { readonly kind: 'refused'; readonly wrongSecretOf: Pick<RecognisedKey, 'apiKeyId' | 'storeId'> | null };

/** What is kept of one version of a key. Of its secrets, only SHA-256 digests in base64: a Buffer takes five times as much memory. */
interface KnownKey {
  readonly secretDigest: string;
  readonly previousDigest: string | null;
  readonly networks: KeyNetworks | null;
  readonly caller: RecognisedKey;
}

const REFUSED: KeyAuthentication = { kind: 'refused', wrongSecretOf: null };

/** How many keys are kept in memory; beyond that, the one that was shown longest ago is dropped. */
const KNOWN_KEYS_MAX = 50_000;

/** Checks keys and secrets of stores. */
export class KeyAuthenticator {
  private readonly known = new Map<string, KnownKey>();
  private readonly permissionSets = new Map<string, ReadonlySet<Permission>>();

  constructor(
    private readonly lookup: ApiKeyLookup,
    private readonly keyRing: KeyRing,
  ) {}

  /**
   * Authenticates a key and its secret. The database is asked each time, so that a change holds on the very next request. Only the digests
   * of the opened secrets are remembered, each for one version of the key.
   */
  async authenticate(shown: ShownKey): Promise<KeyAuthentication> {
    if (!isWellFormedKey(shown.key)) return REFUSED;
    const keyHash = hashKey(shown.key);
    const name = keyHash.toString('base64');
    const found = await this.lookup.findByHash(keyHash);
    if (found === null) {
      this.known.delete(name);
      return REFUSED;
    }
    const current = this.recall(this.known.get(name), found);
    this.remember(name, current);
    return judge(found, current, shown);
  }

  /** Opens the secrets, unless those of this version have been opened before. */
  private recall(remembered: KnownKey | undefined, found: FoundApiKey): KnownKey {
    if (remembered?.caller.apiKeyId === found.id && remembered.caller.version === found.version) return remembered;
    const { secretSealed, previousSecretSealed, allowedCidrs, permissions } = found;
    return {
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
    };
  }

  /** Keys with the same permissions share one set of them. */
  private sharedSet(permissions: readonly Permission[]): ReadonlySet<Permission> {
    const name = permissions.toSorted().join(' ');
    const set = this.permissionSets.get(name) ?? new Set(permissions);
    this.permissionSets.set(name, set);
    return set;
  }

  private digestOf({ id }: Pick<FoundApiKey, 'id'>, column: 'secret' | 'previous_secret', sealed: string): string {
    return hashKey(openKeySecret(this.keyRing, id, column, sealed)).toString('base64');
  }

  private remember(name: string, key: KnownKey): void {
    this.known.delete(name);
    this.known.set(name, key);
    if (this.known.size <= KNOWN_KEYS_MAX) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}

function judge(found: FoundApiKey, known: KnownKey, { secret, address }: ShownKey): KeyAuthentication {
  const { secretDigest, previousDigest, networks, caller } = known;
  const digest = hashKey(secret);
  const isCurrent = isSame(digest, secretDigest);
  const isPrevious = previousDigest !== null && isSame(digest, previousDigest) && found.previousSecretValid;
  if (!isCurrent && !isPrevious) return { kind: 'refused', wrongSecretOf: caller };
  if (!found.activated) return { kind: 'deactivated', caller };
  if (found.expired) return { kind: 'expired', caller };
  if (address !== null && networks?.contain(address) === false) return { kind: 'address_not_allowed', caller };
  return {
    kind: 'accepted',
    caller: isCurrent ? caller : { ...caller, usedPreviousSecret: true },
    storeKey: found.storeKey,
    networks,
  };
}

/** Compares a digest with one that is kept in base64, in a time that does not tell how much of them is equal. */
function isSame(digest: Buffer, kept: string): boolean {
  return timingSafeEqual(digest, Buffer.from(kept, 'base64'));
}
