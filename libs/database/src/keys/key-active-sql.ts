/**
 * SQL: whether the API key that the statement knows as `k` may be used and may sign, by PostgreSQL's clock: it is there, switched
 * on, and has not expired. Never NULL.
 */
export const KEY_IS_ACTIVE = 'coalesce(k.activated AND (k.expires_at IS NULL OR k.expires_at > now()), false)';
