import { embeddedIpv4, findForbiddenNetwork } from './forbidden-networks';
import { networkContains, parseIpAddress, parseIpNetwork, type IpNetwork } from './ip-address';

export interface EgressPolicyOptions {
  /** CIDRs or single addresses that are opened although they are private or reserved (`SIGNPOST_EGRESS_ALLOW`). */
  readonly allow: readonly string[];
  /** Whether only https URLs may be used (`SIGNPOST_HTTPS_ONLY`). */
  readonly httpsOnly: boolean;
}

export interface EgressRefusal {
  readonly kind: 'refused';
  readonly code: 'invalid_url' | 'forbidden_address';
  /** One plain sentence, fit for the person who entered the URL. */
  readonly message: string;
}

export type UrlVerdict = { readonly kind: 'allowed'; readonly url: URL } | EgressRefusal;

export type AddressVerdict =
  | { readonly kind: 'allowed' }
  | (EgressRefusal & {
      readonly code: 'forbidden_address';
      /** The range and its purpose, without the address itself: may be shown to somebody who must not learn what a name resolves to. */
      readonly range: string;
    });

const URL_LENGTH_MAX = 2048;
const HOST_NAME_LENGTH_MAX = 253;
/** Characters that URL parsers strip, rewrite or disagree about: controls, space, DEL and the backslash. */
const AMBIGUOUS_CHARACTERS = /[\p{Cc} \\]/u;
const AUTHORITY = /^https?:\/\/([^/?#]+)/i;
const HOW_TO_OPEN = 'An operator can open the range with SIGNPOST_EGRESS_ALLOW.';

/**
 * Decides where requests may go. Pure and immutable: the same question always has the same answer.
 *
 * Host names are not judged here, because their addresses are known only once they are resolved: each new connection passes the
 * addresses that it is about to use to `checkAddress`.
 *
 * Sources: IANA special-purpose address registries (RFC 6890), RFC 4291 (IPv6), RFC 6052 (NAT64), RFC 3056 (6to4).
 */
export class EgressPolicy {
  private readonly allowed: readonly IpNetwork[];
  private readonly httpsOnly: boolean;

  /** @throws Error that names an entry of `allow` which is not a network: the configuration is wrong. */
  constructor(options: EgressPolicyOptions) {
    this.httpsOnly = options.httpsOnly;
    this.allowed = options.allow.map((cidr) => {
      const network = parseIpNetwork(cidr.trim());
      if (network === null) throw new Error(`SIGNPOST_EGRESS_ALLOW: "${cidr}" is not a network such as 10.0.0.0/8.`);
      return network;
    });
  }

  /**
   * Judges a webhook's URL as text: it must be absolute, use http or https, name a host and no user, have at most 2048 characters, contain
   * nothing that parsers read differently, and name no forbidden address in any notation. All ports from 1 to 65535 are allowed: services
   * that speak another protocol are protected because their addresses are refused.
   */
  checkUrl(text: string): UrlVerdict {
    if (text.length > URL_LENGTH_MAX) return invalidUrl(`The URL is longer than ${URL_LENGTH_MAX} characters.`);
    if (AMBIGUOUS_CHARACTERS.test(text)) {
      return invalidUrl('The URL contains a space, a control character or a backslash.');
    }
    const authority = AUTHORITY.exec(text)?.[1];
    if (authority === undefined) return invalidUrl('The URL must begin with http:// or https:// and a host name.');
    if (authority.includes('@')) return invalidUrl('The URL must not contain a user name or a password.');
    if (!URL.canParse(text)) return invalidUrl('The URL has no valid host name and port.');
    return this.checkParsedUrl(new URL(text));
  }

  /** Judges one numeric address, in any notation. Refuses a text that is not an address, and an address with a zone id. */
  checkAddress(text: string): AddressVerdict {
    const address = parseIpAddress(text);
    if (address === null) return forbidden(`"${text}"`, 'something other than a plain IP address');
    const network = findForbiddenNetwork(address);
    if (network === null) return { kind: 'allowed' };
    const opened = this.allowed.some((candidate) => networkContains(candidate, address));
    if (!opened) return forbidden(text, `${network.description} (${network.cidr})`);
    // An operator who opens a NAT64 or 6to4 range opens the way through the gateway, but not every address behind it.
    const embedded = embeddedIpv4(network, address);
    return embedded === null ? { kind: 'allowed' } : this.checkAddress(embedded);
  }

  private checkParsedUrl(url: URL): UrlVerdict {
    if (this.httpsOnly && url.protocol !== 'https:') {
      return invalidUrl('Only https:// URLs may be used here (SIGNPOST_HTTPS_ONLY).');
    }
    if (url.port === '0') return invalidUrl('The port of the URL must be between 1 and 65535.');
    if (url.hostname.length > HOST_NAME_LENGTH_MAX) return invalidUrl('The host name of the URL is too long.');
    const literal = literalAddress(url);
    if (literal === null) return { kind: 'allowed', url };
    const verdict = this.checkAddress(literal);
    return verdict.kind === 'allowed' ? { kind: 'allowed', url } : verdict;
  }
}

/** The numeric address that the URL names as its host, without brackets; `null` if its host is a name. */
export function literalAddress(url: URL): string | null {
  const { hostname } = url;
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return parseIpAddress(hostname) === null ? null : hostname;
}

function invalidUrl(message: string): EgressRefusal {
  return { kind: 'refused', code: 'invalid_url', message };
}

function forbidden(subject: string, range: string): AddressVerdict {
  return { kind: 'refused', code: 'forbidden_address', message: forbiddenSentence(`${subject} is`, range), range };
}

/**
 * The one sentence for every forbidden address, with how an operator opens it.
 * @param subject - the address or name, with its verb, such as `10.1.2.3 is`
 * @param range - the range in words, as a refusal of `checkAddress` names it
 */
export function forbiddenSentence(subject: string, range: string): string {
  return `${subject} ${range}, and requests to such addresses are refused. ${HOW_TO_OPEN}`;
}
