/** What a call of the library came to. */
export type LibraryOutcome<Value> = Done<Value> | Refused;

/** The library did what was asked. `cookies`: `Set-Cookie` headers for the answer. */
export interface Done<Value> {
  readonly kind: 'done';
  readonly value: Value;
  readonly cookies: readonly string[];
}

/** A wrong password or code, or a step that is too early or too late: the answer does not tell which. */
export interface Refused {
  readonly kind: 'refused';
}

export const REFUSED: Refused = Object.freeze({ kind: 'refused' });

/** Calls the library. A refusal of its is an outcome; its other errors are faults, and thrown. */
export async function outcomeOf<Value>(
  call: () => Promise<{ headers: Headers | null; response: Value }>,
): Promise<LibraryOutcome<Value>> {
  try {
    const { headers, response } = await call();
    return { kind: 'done', value: response, cookies: headers?.getSetCookie() ?? [] };
  } catch (error) {
    if (isRefusal(error)) return REFUSED;
    throw error;
  }
}

/** Told by the name of the error: importing its class would load the library before anybody signs in. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'APIError' || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode < 500;
}
