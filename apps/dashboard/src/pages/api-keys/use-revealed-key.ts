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

/** What is in clear on the page: one key or one secret at most, and for half a minute at most. */
export interface RevealedKey {
  /** The key or the secret, if it is what is in clear. */
  of(id: string, field: keyof Credentials): string | null;
  /** Asks for the credentials of a key; they do not appear on the page. @throws CanceledError, ProblemError */
  fetch(id: string): Promise<Credentials>;
  /** Shows what is hidden, hides what is shown. */
  toggle(id: string, field: keyof Credentials): void;
}

interface Shown {
  readonly id: string;
  readonly field: keyof Credentials;
  readonly value: string;
}

export function useRevealedKey(store: string): RevealedKey {
  const withIdentity = useIdentity();
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setTimeout(() => setShown(null), REVEALED_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const fetch = useCallback((id: string) => withIdentity(() => revealApiKey(store, id)), [withIdentity, store]);
  const of = (id: string, field: keyof Credentials) =>
    shown !== null && shown.id === id && shown.field === field ? shown.value : null;
  const reveal = async (id: string, field: keyof Credentials) => {
    try {
      setShown({ id, field, value: (await fetch(id))[field] });
    } catch (error) {
      if (!(error instanceof CanceledError)) toastProblem(error);
    }
  };
  return {
    of,
    fetch,
    toggle: (id, field) => {
      if (of(id, field) === null) void reveal(id, field);
      else setShown(null);
    },
  };
}
