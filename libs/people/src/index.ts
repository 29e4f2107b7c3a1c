export * from './create-auth';
export { hashPassword } from './password-hash';
export * from './session-cookie';
export * from './sign-in';
