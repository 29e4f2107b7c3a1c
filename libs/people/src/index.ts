export { isEmailAddress } from './email-address';
export type { Done, LibraryOutcome } from './library-outcome';
export { hashPassword } from './password-hash';
export * from './session-cookie';
export * from './sign-in';
export * from './sign-in-settings';
