import { formatIpv4, networkContains, parseIpNetwork, type IpAddress, type IpNetwork } from './ip-address';

/** A range of addresses that are refused unless an operator has opened it, with the words that a refusal uses for it. */
export interface ForbiddenNetwork extends IpNetwork {
  readonly cidr: string;
  /** Completes "… is ___". */
  readonly description: string;
  /** The byte at which the embedded IPv4 address starts, to which a gateway forwards; `null` if none is embedded. */
  readonly embeddedAt: number | null;
}

/** The first match names the range, so narrow ranges stand before the wide ranges that contain them. */
const DESCRIPTIONS: readonly (readonly [cidr: string, description: string, embeddedAt?: number])[] = [
  // IPv4: IANA special-purpose registry (RFC 6890 and its updates), multicast, reserved, and the clouds' own addresses.
  ['0.0.0.0/8', 'an address of "this network"'],
  ['10.0.0.0/8', 'a private address'],
  ['100.64.0.0/10', 'a shared carrier address (CGNAT)'],
  ['127.0.0.0/8', 'a loopback address'],
  ['168.63.129.16/32', 'a cloud platform address'],
  ['169.254.169.254/32', 'a cloud metadata address'],
  ['169.254.0.0/16', 'a link-local address'],
  ['172.16.0.0/12', 'a private address'],
  ['192.0.0.0/24', 'an address reserved for protocols'],
  ['192.0.2.0/24', 'a documentation address'],
  ['192.88.99.0/24', 'a 6to4 relay address'],
  ['192.168.0.0/16', 'a private address'],
  ['198.18.0.0/15', 'a benchmarking address'],
  ['198.51.100.0/24', 'a documentation address'],
  ['203.0.113.0/24', 'a documentation address'],
  ['224.0.0.0/4', 'a multicast address'],
  ['255.255.255.255/32', 'the broadcast address'],
  ['240.0.0.0/4', 'a reserved address'],
  // IPv6: every address outside 2000::/3 is refused, whether its range is known or not; inside it, the special-purpose ranges are refused.
  ['::/128', 'the unspecified address'],
  ['::1/128', 'the loopback address'],
  ['::/96', 'an IPv4-compatible address', 12],
  ['::ffff:0:0:0/96', 'an IPv4-translated address', 12],
  ['64:ff9b::/96', 'a NAT64 address', 12],
  ['64:ff9b:1::/48', 'a local NAT64 address'],
  ['100::/64', 'a discard-only address'],
  ['2001::/32', 'a Teredo address'],
  ['2001::/23', 'an address reserved for protocols'],
  ['2001:db8::/32', 'a documentation address'],
  ['2002::/16', 'a 6to4 address', 2],
  ['3fff::/20', 'a documentation address'],
  ['5f00::/16', 'a segment routing address'],
  ['fd00:ec2::254/128', 'a cloud metadata address'],
  ['fc00::/7', 'a private (unique local) address'],
  ['fe80::/10', 'a link-local address'],
  ['fec0::/10', 'a site-local address'],
  ['ff00::/8', 'a multicast address'],
  ['::/3', 'an address outside the public range'],
  ['4000::/2', 'an address outside the public range'],
  ['8000::/1', 'an address outside the public range'],
];

const FORBIDDEN_NETWORKS: readonly ForbiddenNetwork[] = DESCRIPTIONS.map(([cidr, description, embeddedAt]) => ({
  ...requireNetwork(cidr),
  cidr,
  description,
  embeddedAt: embeddedAt ?? null,
}));

/** The forbidden range that the address lies in, or `null` if it is an ordinary public address. */
export function findForbiddenNetwork(address: IpAddress): ForbiddenNetwork | null {
  return FORBIDDEN_NETWORKS.find((network) => networkContains(network, address)) ?? null;
}

/**
 * The IPv4 address, in dotted decimal, to which a gateway forwards requests to this address; `null` if none is embedded.
 * @param network - the range that `findForbiddenNetwork` found for the address
 */
export function embeddedIpv4(network: ForbiddenNetwork, address: IpAddress): string | null {
  if (network.embeddedAt === null) return null;
  return formatIpv4(address.bytes.slice(network.embeddedAt, network.embeddedAt + 4));
}

function requireNetwork(cidr: string): IpNetwork {
  const network = parseIpNetwork(cidr);
  if (network === null) throw new Error(`Not a network: ${cidr}`);
  return network;
}
