import { useCallback, useEffect, useState } from 'react';
import { revealApiKey } from '../../api/api-keys';
import { useIdentity } from '../../session/identity';
import { CanceledError } from '../../ui/canceled-error';
import { toastProblem } from '../../ui/toast';

const REVEALED_MS = 30_000;

interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** What is in clear on the page: the credentials of one key at most, and for half a minute at most. */
export interface RevealedKey {
  /** The credentials of a key, if it is the one that is in clear. */
  of(id: string): Credentials | null;
  /** Asks for the credentials of a key; they do not appear on the page. @throws CanceledError, ProblemError */
  fetch(id: string): Promise<Credentials>;
  /** Shows what is hidden, hides what is shown. */
  toggle(id: string): void;
}

export function useRevealedKey(store: string): RevealedKey {
  const withIdentity = useIdentity();
  const [shown, setShown] = useState<(Credentials & { readonly id: string }) | null>(null);
  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setTimeout(() => setShown(null), REVEALED_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const fetch = useCallback((id: string) => withIdentity(() => revealApiKey(store, id)), [withIdentity, store]);
  const reveal = async (id: string) => {
    try {
      setShown({ id, ...(await fetch(id)) });
    } catch (error) {
      if (!(error instanceof CanceledError)) toastProblem(error);
    }
  };
  return {
    of: (id) => (shown?.id === id ? shown : null),
    fetch,
    toggle: (id) => {
      if (shown?.id === id) setShown(null);
      else void reveal(id);
    },
  };
}
