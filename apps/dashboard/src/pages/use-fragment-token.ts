import { useWindowEvent } from '@mantine/hooks';
import { useState } from 'react';

/**
 * The one-time token of a link like `/invitation#token=…`; null when the link has none. It is removed from the address, so that neither the
 * history nor somebody who looks at the screen gets it. Opening another link on the same page sets another token.
 */
export function useFragmentToken(): string | null {
  const [token, setToken] = useState(takeToken);
  useWindowEvent('hashchange', () => {
    const next = takeToken();
    if (next !== null) setToken(next);
  });
  return token;
}

function takeToken(): string | null {
  const found = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (found !== null) window.history.replaceState(window.history.state, '', window.location.pathname);
  return found === '' ? null : found;
}
