import { sameSecret } from '@signpost/domain';

/** The one token that may do everything. Shows nothing of itself when it is printed. */
export class OperatorToken {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** Compares in constant time. */
  matches(token: string): boolean {
    return sameSecret(this.#token, token);
  }
}
