export { EgressPolicy } from './egress-policy';
export type { AddressVerdict, EgressPolicyOptions, EgressRefusal, UrlVerdict } from './egress-policy';
export type { HostLookup, ResolvedAddress } from './host-lookup';
export { HttpSender } from './http-sender';
export type { HttpSenderOptions } from './http-sender';
