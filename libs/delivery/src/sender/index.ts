export { EgressPolicy } from './egress-policy';
export { HttpSender } from './http-sender';
export { type IpNetwork, networkContains, parseIpAddress, parseIpNetwork } from './ip-address';
