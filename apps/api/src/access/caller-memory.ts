import { hash } from 'node:crypto';
import type { AcceptedKey } from './key-authenticator';

interface Remembered {
  readonly accepted: AcceptedKey;
  readonly atMs: number;
}

/**
 * How long a caller is remembered. That a key has changed is noticed by the commit of what is published with it. Only a key that is refused
 * for its rate gets to no commit; it is remembered for a shorter time, so that a higher limit does not take effect late.
 */
const KEPT_FOR_MS = { limited: 10_000, unlimited: 60_000 };

/** The one that was let in longest ago gives way. */
const CALLERS_MAX = 50_000;

/** Remembers API keys that were let in, by the digest of the header that they showed, so that they are recognised without I/O. */
export class CallerMemory {
  private readonly callers = new Map<string, Remembered>();

  /** @param nowMs - a clock in milliseconds; only differences count */
  constructor(private readonly nowMs: () => number) {}

  remember(authorization: string, accepted: AcceptedKey): void {
    const name = digest(authorization);
    this.callers.delete(name);
    this.callers.set(name, { accepted, atMs: this.nowMs() });
    if (this.callers.size <= CALLERS_MAX) return;
    const [oldest] = this.callers.keys();
    if (oldest !== undefined) this.callers.delete(oldest);
  }

  /**
   * @param from - where the caller is
   * @returns null for whoever is not known, or was let in too long ago, or has come from another network
   */
  recall(authorization: string, from: { readonly ip: string }): AcceptedKey | null {
    const known = this.callers.get(digest(authorization));
    if (known === undefined) return null;
    const { caller, networks } = known.accepted;
    const keptForMs = caller.rateLimit === null ? KEPT_FOR_MS.unlimited : KEPT_FOR_MS.limited;
    if (this.nowMs() - known.atMs >= keptForMs) return null;
    return networks === null || networks.contain(from.ip) ? known.accepted : null;
  }
}

/** So that no secret is kept in memory. */
function digest(authorization: string): string {
  return hash('sha256', authorization, 'base64');
}
