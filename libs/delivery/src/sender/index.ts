export { EgressPolicy } from './egress-policy';
export { HttpSender } from './http-sender';
