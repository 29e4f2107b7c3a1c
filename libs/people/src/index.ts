export { isEmailAddress } from './email-address';
export { hashPassword } from './password-hash';
export * from './session-cookie';
export * from './sign-in';
export * from './sign-in-settings';
