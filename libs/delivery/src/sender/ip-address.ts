import { isIP } from 'node:net';

/** An address as its bytes: 4 or 16 of them. An IPv4-mapped IPv6 address is always held as the IPv4 address that it means. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bytes: readonly number[];
}

/** A network in CIDR notation, parsed. */
export interface IpNetwork {
  readonly family: 4 | 6;
  readonly bytes: readonly number[];
  readonly prefixLength: number;
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
const MAPPED_PREFIX_BITS = 96;

/**
 * Reads an address as the operating system's resolver or a canonical URL writes it: dotted decimal without leading zeros, or
 * any RFC 4291 text form. `null` for everything else, zone ids (`fe80::1%eth0`) included.
 */
export function parseIpAddress(text: string): IpAddress | null {
  const bytes = parseBytes(text);
  if (bytes === null) return null;
  if (bytes.length === 16 && startsWith(bytes, MAPPED_PREFIX)) return { family: 4, bytes: bytes.slice(12) };
  return { family: bytes.length === 4 ? 4 : 6, bytes };
}

/**
 * Reads a network such as `10.0.0.0/8` or `fd00::/8`; an address without a prefix is a network of one address. A network inside the
 * IPv4-mapped range counts as the IPv4 network that it means. Bits after the prefix are ignored. `null` if the text is not a network.
 */
export function parseIpNetwork(text: string): IpNetwork | null {
  const slash = text.indexOf('/');
  const bytes = parseBytes(slash === -1 ? text : text.slice(0, slash));
  if (bytes === null) return null;
  const prefixText = slash === -1 ? String(bytes.length * 8) : text.slice(slash + 1);
  const prefixLength = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Number.NaN;
  if (!(prefixLength <= bytes.length * 8)) return null;
  if (bytes.length === 16 && prefixLength >= MAPPED_PREFIX_BITS && startsWith(bytes, MAPPED_PREFIX)) {
    return { family: 4, bytes: bytes.slice(12), prefixLength: prefixLength - MAPPED_PREFIX_BITS };
  }
  return { family: bytes.length === 4 ? 4 : 6, bytes, prefixLength };
}

/** Whether the address lies in the network; false if one is IPv4 and the other IPv6. */
export function networkContains(network: IpNetwork, address: IpAddress): boolean {
  if (network.family !== address.family) return false;
  const wholeBytes = network.prefixLength >> 3;
  for (let i = 0; i < wholeBytes; i++) if (network.bytes[i] !== address.bytes[i]) return false;
  const restBits = network.prefixLength & 7;
  if (restBits === 0) return true;
  const mask = 0xff << (8 - restBits);
  return ((network.bytes[wholeBytes] ?? 0) & mask) === ((address.bytes[wholeBytes] ?? 0) & mask);
}

/** Dotted decimal of an IPv4 address, from its four bytes. */
export function formatIpv4(bytes: readonly number[]): string {
  return bytes.join('.');
}

function parseBytes(text: string): number[] | null {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 0) return null;
  return family === 4 ? text.split('.').map(Number) : ipv6Bytes(text);
}

/** Expands a text that `isIP` has accepted: at most one `::`, at most four hex digits a group, an optional dotted tail. */
function ipv6Bytes(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const before = groupBytes(head);
  if (tail === undefined) return before;
  const after = groupBytes(tail);
  const zeros = new Array<number>(16 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after];
}

function groupBytes(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function startsWith(bytes: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}
