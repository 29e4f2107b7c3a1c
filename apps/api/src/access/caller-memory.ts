import { hash } from 'node:crypto';
import type { AcceptedKey } from './key-authenticator';

interface Remembered {
  readonly accepted: AcceptedKey;
  readonly atMs: number;
}

/** How long a caller is remembered. That a key has changed is noticed by the commit of what is published with it. */
const KEPT_FOR_MS = 60_000;

/**
 * After this time, a caller that its rate limit refuses is forgotten: it gets to no commit, and its limit may have been raised. Who is
 * refused is told to come back after as long.
 */
const REFUSED_KEPT_FOR_MS = 1_000;

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
    if (this.nowMs() - known.atMs >= KEPT_FOR_MS) return null;
    const { networks } = known.accepted;
    return networks === null || networks.contain(from.ip) ? known.accepted : null;
  }

  /**
   * To be told of a caller that was recalled and then refused for its rate.
   *
   * @returns whether it has now been forgotten, once for all who ask at the same time: the database is to be asked about it
   */
  forgetRefused(authorization: string): boolean {
    const name = digest(authorization);
    const known = this.callers.get(name);
    return known !== undefined && this.nowMs() - known.atMs >= REFUSED_KEPT_FOR_MS && this.callers.delete(name);
  }
}

/** So that no secret is kept in memory. */
function digest(authorization: string): string {
  return hash('sha256', authorization, 'base64');
}
