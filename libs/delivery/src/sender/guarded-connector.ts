import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { AttemptFailureError, failure, failureOfError, failureOfTimeout } from './attempt-failure';
import type { ConnectProgress } from './connect-progress';
import { forbiddenSentence, type EgressPolicy } from './egress-policy';
import type { HostLookup, ResolvedAddress } from './host-lookup';

/** Where a connection leads. `hostname` is a name or an address without brackets. */
export interface ConnectTarget {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Host and port as the URL names them, for messages. */
  readonly host: string;
}

export interface GuardedConnectorOptions {
  readonly policy: EgressPolicy;
  readonly lookup: HostLookup;
  /** Limit for resolving, connecting and the TLS handshake together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** PEM certificates that are trusted in place of Node's own list. */
  readonly trustedCertificates?: readonly string[];
}

const ADDRESSES_TRIED_MAX = 6;
const ADDRESS_TIMEOUT_MAX_MS = 2_500;
const ADDRESS_TIMEOUT_MIN_MS = 250;
const TLS_SESSIONS_MAX = 500;

/**
 * Opens connections that can only lead where the policy allows. A connection is made to exactly the addresses that were checked: a name is
 * resolved once for each new connection, every resolved address is judged, and the socket is given the allowed addresses, never the name.
 * If the name resolves to other addresses later, this connection is not affected. TLS still names and verifies the host name, so a
 * certificate for an address is not needed.
 */
export class GuardedConnector {
  private readonly secureContext: SecureContext;
  /** TLS sessions by host: a new connection to the same host skips the full handshake. The oldest session is forgotten first. */
  private readonly sessions = new Map<string, Buffer>();

  constructor(private readonly options: GuardedConnectorOptions) {
    const { trustedCertificates } = options;
    this.secureContext = createSecureContext(trustedCertificates === undefined ? {} : { ca: [...trustedCertificates] });
  }

  /**
   * @param progress - told how far the connection is; abandoning it ends the attempt at once
   * @throws AttemptFailureError whatever goes wrong
   */
  async connect(target: ConnectTarget, progress: ConnectProgress): Promise<Socket> {
    const { connectTimeoutMs } = this.options;
    const timer = setTimeout(() => {
      progress.abandon(new AttemptFailureError(failureOfTimeout(progress.stage, target.host, connectTimeoutMs)));
    }, connectTimeoutMs);
    try {
      return await this.open(target, progress);
    } catch (error) {
      progress.destroySocket();
      throw new AttemptFailureError(failureOfError(error, progress.stage, target.host));
    } finally {
      clearTimeout(timer);
    }
  }

  private async open(target: ConnectTarget, progress: ConnectProgress): Promise<Socket> {
    const addresses = await this.checkedAddresses(target, progress);
    progress.enter('connect');
    const tcp = this.openTcp(addresses, target);
    await progress.follow(tcp, 'connect');
    this.requireAllowedPeer(tcp, target);
    if (!target.secure) return tcp;
    progress.enter('tls');
    const tls = this.openTls(tcp, target);
    try {
      await progress.follow(tls, 'secureConnect');
    } catch (error) {
      this.sessions.delete(target.host);
      throw error;
    }
    return tls;
  }

  /** The addresses that may be connected to, each of them judged; at least one. */
  private async checkedAddresses(target: ConnectTarget, progress: ConnectProgress): Promise<ResolvedAddress[]> {
    const { hostname } = target;
    const family = isIP(hostname);
    if (family !== 0) return this.requireAllowed([{ address: hostname, family: family === 6 ? 6 : 4 }], target);
    progress.enter('lookup');
    const resolved = await progress.unlessAbandoned(this.options.lookup(hostname));
    if (resolved.length === 0) throw new AttemptFailureError(failure('dns_failure', target.host, 'it has no address'));
    return this.requireAllowed(resolved, target);
  }

  /** Leaves forbidden addresses out. Only if none remains, the name is refused; the failure does not say what it resolved to. */
  private requireAllowed(resolved: readonly ResolvedAddress[], target: ConnectTarget): ResolvedAddress[] {
    const allowed: ResolvedAddress[] = [];
    let range = '';
    for (const candidate of resolved) {
      const verdict = this.options.policy.checkAddress(candidate.address);
      if (verdict.kind === 'allowed') allowed.push(candidate);
      else range = verdict.range;
    }
    if (allowed.length === 0) throw forbiddenFailure(target, range);
    return allowed.slice(0, ADDRESSES_TRIED_MAX);
  }

  private openTcp(addresses: readonly ResolvedAddress[], target: ConnectTarget): Socket {
    const { port, hostname } = target;
    const [first] = addresses;
    if (first !== undefined && addresses.length === 1) return connectTcp({ host: first.address, port, noDelay: true });
    const perAddressMs = Math.floor(this.options.connectTimeoutMs / addresses.length);
    return connectTcp({
      host: hostname,
      port,
      noDelay: true,
      // Node asks here for the addresses of the name, and gets only the checked ones.
      lookup: (_hostname, _options, callback) => callback(null, [...addresses]),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: Math.min(ADDRESS_TIMEOUT_MAX_MS, Math.max(ADDRESS_TIMEOUT_MIN_MS, perAddressMs)),
    });
  }

  /** Checks once more, by the socket itself: the address that the operating system connected to must be allowed as well. */
  private requireAllowedPeer(socket: Socket, target: ConnectTarget): void {
    const { remoteAddress } = socket;
    // A socket has no remote address when its peer has closed the connection already.
    if (remoteAddress === undefined) throw new AttemptFailureError(failure('connection_reset', target.host));
    const verdict = this.options.policy.checkAddress(remoteAddress);
    if (verdict.kind === 'refused') throw forbiddenFailure(target, verdict.range);
  }

  private openTls(tcp: Socket, target: ConnectTarget): TLSSocket {
    const { hostname, host } = target;
    const session = this.sessions.get(host);
    const socket = connectTls({
      socket: tcp,
      host: hostname,
      // Server Name Indication takes only host names, without the trailing dot of the root (RFC 6066 §3).
      ...(isIP(hostname) === 0 ? { servername: hostname.replace(/\.$/, '') } : {}),
      ...(session === undefined ? {} : { session }),
      secureContext: this.secureContext,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
    });
    socket.on('session', (fresh: Buffer) => this.keepSession(host, fresh));
    return socket;
  }

  private keepSession(host: string, session: Buffer): void {
    this.sessions.delete(host);
    this.sessions.set(host, session);
    if (this.sessions.size <= TLS_SESSIONS_MAX) return;
    for (const oldest of this.sessions.keys()) {
      this.sessions.delete(oldest);
      return;
    }
  }
}

function forbiddenFailure(target: ConnectTarget, range: string): AttemptFailureError {
  const message = forbiddenSentence(`"${target.hostname}" leads to`, range);
  return new AttemptFailureError({ code: 'forbidden_address', message });
}
