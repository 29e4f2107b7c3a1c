/** Somebody changed their mind: nothing happened, and nobody needs to be told. */
export class CanceledError extends Error {
  override readonly name = 'CanceledError';
}
