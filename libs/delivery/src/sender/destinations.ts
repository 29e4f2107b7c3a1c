import { type EgressPolicy, type EgressRefusal, literalAddress } from './egress-policy';
import type { ConnectTarget } from './guarded-connector';

/** Where a URL leads, as far as its text says: a host name is not resolved. */
export interface Destination extends ConnectTarget {
  readonly kind: 'allowed';
  /** Scheme, host and port: connections are shared by requests to the same origin. */
  readonly origin: string;
  /** With the query. */
  readonly path: string;
}

/** How many URLs are remembered at most; then the one that was remembered first is forgotten. */
const REMEMBERED_MAX = 2_000;

/** Reads the URLs of webhooks. Remembers the policy's answers, which never change: each URL is used for many requests. */
export class Destinations {
  private readonly known = new Map<string, Destination | EgressRefusal>();

  constructor(private readonly policy: EgressPolicy) {}

  of(url: string): Destination | EgressRefusal {
    const known = this.known.get(url);
    if (known !== undefined) return known;
    const verdict = this.policy.checkUrl(url);
    const destination = verdict.kind === 'refused' ? verdict : destinationOf(verdict.url);
    this.known.set(url, destination);
    if (this.known.size > REMEMBERED_MAX) {
      const [oldest] = this.known.keys();
      if (oldest !== undefined) this.known.delete(oldest);
    }
    return destination;
  }
}

function destinationOf(url: URL): Destination {
  const secure = url.protocol === 'https:';
  return {
    kind: 'allowed',
    origin: url.origin,
    host: url.host,
    path: url.pathname + url.search,
    secure,
    hostname: literalAddress(url) ?? url.hostname,
    port: Number(url.port || (secure ? '443' : '80')),
  };
}
