import type { ApiKey } from '../../api/api-keys';

/** Whether a key authenticates and signs now, and why not where it does not. */
export type KeyState = 'activated' | 'not activated' | 'expired';

export function keyState({ activated, expiresAt }: Pick<ApiKey, 'activated' | 'expiresAt'>): KeyState {
  if (!activated) return 'not activated';
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'activated';
}
