import { type IpNetwork, networkContains, parseIpAddress, parseIpNetwork } from '@signpost/delivery';

/** The networks that an API key may be used from. */
export class KeyNetworks {
  private readonly networks: readonly IpNetwork[];

  /** @throws Error for a text that is not a network; none is stored */
  constructor(cidrs: readonly string[]) {
    this.networks = cidrs.map((cidr) => {
      const network = parseIpNetwork(cidr);
      if (network === null) throw new Error(`Not a network: ${cidr}`);
      return network;
    });
  }

  /**
   * Whether an address lies in one of the networks. An IPv4-mapped IPv6 address is the IPv4 address that it means; what is no
   * address, such as a text that a proxy passed on, lies nowhere.
   */
  contain(text: string): boolean {
    const address = parseIpAddress(text);
    return address !== null && this.networks.some((network) => networkContains(network, address));
  }
}
