import { lookup as systemLookup, Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Resolves a host name to all its addresses. Rejects with an error that carries a DNS `code` (`ENOTFOUND`, `ETIMEOUT`, …).
 * Its answers are not trusted: the caller judges each address before it is used.
 */
export type HostLookup = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface HostLookupOptions {
  /** Time for one query to one name server, in milliseconds. */
  readonly queryTimeoutMs?: number;
  /** Name servers (`address:port`) in place of the system's. */
  readonly servers?: readonly string[];
}

const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;
const HOSTS_FILE = '/etc/hosts';
/** Error codes when name servers gave no answer. The system's lookup would wait for the same servers, and block one of few threads. */
const UNANSWERED = new Set(['ETIMEOUT', 'ESERVFAIL', 'ECANCELLED']);

/**
 * The lookup of production. It asks the name servers directly and without a thread, so that a domain whose name servers hang delays no
 * other domain: the system's own lookup runs on libuv's few threads, and a handful of dead domains would fill them. The system's lookup is
 * still used for names that only it knows: names of the hosts file, names without a dot, names found through a search domain. Callers that
 * ask for one name at the same time share one query; no answer is kept for later callers.
 */
export function createHostLookup(options: HostLookupOptions = {}): HostLookup {
  const pending = new Map<string, Promise<readonly ResolvedAddress[]>>();
  const namesOfSystem = hostsFileNames();
  return (hostname) => {
    const shared = pending.get(hostname);
    if (shared !== undefined) return shared;
    const asksSystem = !hostname.includes('.') || namesOfSystem.has(hostname);
    const started = (asksSystem ? lookupThroughSystem(hostname) : lookupThroughServers(hostname, options)).finally(() =>
      pending.delete(hostname),
    );
    pending.set(hostname, started);
    return started;
  };
}

async function lookupThroughServers(hostname: string, options: HostLookupOptions): Promise<readonly ResolvedAddress[]> {
  // Each lookup makes a new resolver, which reads the system's configuration as it is now.
  const resolver = new Resolver({ timeout: options.queryTimeoutMs ?? QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses: ResolvedAddress[] = [];
  if (v4.status === 'fulfilled') for (const address of v4.value) addresses.push({ address, family: 4 });
  if (v6.status === 'fulfilled') for (const address of v6.value) addresses.push({ address, family: 6 });
  if (addresses.length > 0) return addresses;
  for (const answer of [v4, v6]) {
    if (answer.status === 'rejected' && UNANSWERED.has(errorCode(answer.reason))) throw answer.reason;
  }
  return lookupThroughSystem(hostname);
}

async function lookupThroughSystem(hostname: string): Promise<readonly ResolvedAddress[]> {
  const found = await systemLookup(hostname, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

function hostsFileNames(): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(HOSTS_FILE, 'utf8');
  } catch {
    return new Set();
  }
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().toLowerCase());
  return new Set(lines.flatMap((line) => line.split(/\s+/).slice(1)));
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
