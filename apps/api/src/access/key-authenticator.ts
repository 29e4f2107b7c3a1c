import { timingSafeEqual } from 'node:crypto';
import { type ApiKeyLookup, type FoundApiKey, openKeySecret } from '@signpost/database';
import { hashKey, isWellFormedKey, type KeyRing } from '@signpost/domain';
import type { ApiKeyCaller } from './caller';

/** What became of a key and a secret. */
export type KeyAuthentication =
  | { readonly kind: 'accepted'; readonly caller: ApiKeyCaller; readonly storeKey: string }
  /** Key and secret belong together, but the key is switched off. */
  | { readonly kind: 'deactivated' }
  /** Unknown key, deleted key, wrong secret: one answer. */
  | { readonly kind: 'refused' };

/** A key as it was read last; secrets are kept as SHA-256 digests only. */
interface KnownKey {
  readonly found: FoundApiKey;
  readonly secretDigest: Buffer;
  readonly previousDigest: Buffer | null;
  readonly caller: ApiKeyCaller;
  readonly readAtMs: number;
}

const REFUSED: KeyAuthentication = { kind: 'refused' };

/** How long an accepted caller is accepted again without I/O, where the handler asks for that. */
const CACHED_FOR_MS = 10_000;

/** Keys remembered at most; the one that was read longest ago gives way. */
const KNOWN_KEYS_MAX = 10_000;

/** Checks keys and secrets of stores. */
export class KeyAuthenticator {
  private readonly known = new Map<string, KnownKey>();

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
  async authenticate(key: string, secret: string, options: { cached: boolean }): Promise<KeyAuthentication> {
    const keyHash = hashKey(key);
    const name = keyHash.toString('base64');
    const digest = hashKey(secret);
    const remembered = this.known.get(name);
    if (options.cached && remembered !== undefined && this.nowMs() - remembered.readAtMs < CACHED_FOR_MS) {
      const outcome = judge(remembered, digest);
      if (outcome.kind === 'accepted') return outcome;
    }
    if (!isWellFormedKey(key)) return REFUSED;
    const found = await this.lookup.findByHash(keyHash);
    if (found === null) {
      this.known.delete(name);
      return REFUSED;
    }
    const current = this.recall(remembered, found);
    this.remember(name, current);
    return judge(current, digest);
  }

  /** Opens the secrets, unless they are known for this very version. */
  private recall(remembered: KnownKey | undefined, found: FoundApiKey): KnownKey {
    const readAtMs = this.nowMs();
    if (remembered?.found.id === found.id && remembered.found.version === found.version) {
      return { ...remembered, found, readAtMs };
    }
    const { secretSealed, previousSecretSealed } = found;
    return {
      found,
      secretDigest: this.digestOf(found, 'secret', secretSealed),
      previousDigest:
        previousSecretSealed === null ? null : this.digestOf(found, 'previous_secret', previousSecretSealed),
      caller: {
        kind: 'api_key',
        storeId: found.storeId,
        apiKeyId: found.id,
        version: found.version,
        usedPreviousSecret: false,
        permissions: new Set(found.permissions),
      },
      readAtMs,
    };
  }

  private digestOf({ id }: FoundApiKey, column: 'secret' | 'previous_secret', sealed: string): Buffer {
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

function judge({ found, secretDigest, previousDigest, caller }: KnownKey, digest: Buffer): KeyAuthentication {
  const isCurrent = timingSafeEqual(digest, secretDigest);
  const isPrevious = previousDigest !== null && timingSafeEqual(digest, previousDigest) && found.previousSecretValid;
  if (!isCurrent && !isPrevious) return REFUSED;
  if (!found.activated) return { kind: 'deactivated' };
  return {
    kind: 'accepted',
    caller: isCurrent ? caller : { ...caller, usedPreviousSecret: true },
    storeKey: found.storeKey,
  };
}
