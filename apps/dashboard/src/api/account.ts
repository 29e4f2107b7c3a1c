import { api, bodyOf, type Schemas } from './client';
import type { Me } from './session';

/** A second factor. It counts only once a code from it was entered. */
export type NewSecondFactor = Schemas['NewSecondFactorView'];

const SECOND_FACTOR = '/api/v1/me/second-factor';

export function rename(name: string): Promise<Me> {
  return bodyOf(api.PATCH('/api/v1/me', { body: { name } }));
}

/** Ends every other session of the person. */
export async function changePassword(body: Schemas['ChangePasswordBody']): Promise<void> {
  await api.POST('/api/v1/me/password', { body });
}

export function prepareSecondFactor(password: string): Promise<NewSecondFactor> {
  return bodyOf(api.POST(SECOND_FACTOR, { body: { password } }));
}

/** @param code - that the authenticator app shows now */
export async function activateSecondFactor(code: string): Promise<void> {
  await api.POST(`${SECOND_FACTOR}/activate`, { body: { code } });
}

export async function removeSecondFactor(password: string): Promise<void> {
  await api.DELETE(SECOND_FACTOR, { body: { password } });
}

/** @returns codes that can be used once each; the codes before are no longer valid */
export async function replaceRecoveryCodes(password: string): Promise<readonly string[]> {
  return (await bodyOf(api.POST(`${SECOND_FACTOR}/recovery-codes`, { body: { password } }))).recoveryCodes;
}
