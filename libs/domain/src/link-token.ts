import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/**
 * Makes the token of a link that lets somebody in: 256 random bits in base64url. Whoever shows the token is let in, so only its hash is
 * stored: {@link hashToken}.
 */
export function mintToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** SHA-256 of a token. Tokens are random and long: a slow hash would add nothing. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
