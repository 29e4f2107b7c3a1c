/**
 * The system's or PostgreSQL's code of a caught error (`ENOENT`, `57P03`), or nothing when it has none.
 * Judged by shape: under Jest, errors of Node's own modules are of another realm's Error class.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
