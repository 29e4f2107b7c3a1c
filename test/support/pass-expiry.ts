import type { TestApi } from './test-api';

/** Makes a key expire as time does: without a new version, by which workers would notice a change. */
export async function passExpiry(api: TestApi, apiKey: { readonly key: string }): Promise<void> {
  if (!/^spk_[0-9A-Za-z]+$/.test(apiKey.key)) throw new Error('Not a key in clear.');
  await api.sql(`
    BEGIN;
    ALTER TABLE api_keys DISABLE TRIGGER USER;
    UPDATE api_keys SET expires_at = now() WHERE key_hash = sha256(convert_to('${apiKey.key}', 'UTF8'));
    ALTER TABLE api_keys ENABLE TRIGGER USER;
    COMMIT`);
}
