export { HttpSender } from './http-sender';
