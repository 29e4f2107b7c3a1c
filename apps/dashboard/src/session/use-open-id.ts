import { useQuery } from '@tanstack/react-query';
import { signInOptionsQuery } from '../api/session';

interface OpenId {
  /** As in "You sign in with …". */
  readonly name: string;
  /** Where the sign-in begins; null while that is not known, and where no identity provider is set up any more. */
  readonly url: string | null;
}

/** The identity provider that people sign in with who have no password. */
export function useOpenId(): OpenId {
  const { oidc = null } = useQuery(signInOptionsQuery).data ?? {};
  return { name: `${oidc?.name ?? 'an identity provider'} (OpenID Connect)`, url: oidc?.url ?? null };
}
