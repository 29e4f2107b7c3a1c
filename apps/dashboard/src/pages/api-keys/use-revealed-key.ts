import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { type ApiKey, revealApiKey } from '../../api/api-keys';
import { useIdentity } from '../../session/identity';
import { CanceledError } from '../../ui/canceled-error';
import { toastProblem } from '../../ui/toast';

const REVEALED_MS = 30_000;

interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** What is shown in clear on the page: at most one key or one secret, for half a minute at most. */
export interface RevealedKey {
  /** The key or the secret in clear, if this one is revealed; else null. */
  of(apiKey: ApiKey, field: keyof Credentials): string | null;
  /** Whether this one was asked for, and its answer has not come yet. */
  isAwaited(apiKey: ApiKey, field: keyof Credentials): boolean;
  /** Asks for the credentials of a key; they do not appear on the page. @throws CanceledError, ProblemError */
  fetch(apiKey: ApiKey): Promise<Credentials>;
  /** Reveals a hidden value, or hides a revealed one; does nothing while an answer is awaited. */
  toggle(apiKey: ApiKey, field: keyof Credentials): void;
}

interface Shown {
  readonly apiKey: ApiKey;
  readonly field: keyof Credentials;
  readonly value: string;
}

/** Reveals the keys of a store, one at a time. */
export function useRevealedKey(store: string): RevealedKey {
  const withIdentity = useIdentity();
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setTimeout(() => setShown(null), REVEALED_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const fetch = useCallback(({ id }: ApiKey) => withIdentity(() => revealApiKey(store, id)), [withIdentity, store]);
  const reveal = useMutation({
    mutationFn: async ({ apiKey, field }: Omit<Shown, 'value'>) => (await fetch(apiKey))[field],
    onSuccess: (value, { apiKey, field }) => setShown({ apiKey, field, value }),
    onError: (error) => {
      if (!(error instanceof CanceledError)) toastProblem(error, { doing: 'reading' });
    },
  });
  const of = (apiKey: ApiKey, field: keyof Credentials) =>
    shown?.field === field && isStill(shown.apiKey, apiKey) ? shown.value : null;
  return {
    of,
    isAwaited: ({ id }, field) =>
      reveal.isPending && reveal.variables.apiKey.id === id && reveal.variables.field === field,
    fetch,
    toggle: (apiKey, field) => {
      if (of(apiKey, field) !== null) setShown(null);
      else if (!reveal.isPending) reveal.mutate({ apiKey, field });
    },
  };
}

/** Whether a key is the one that was revealed, with the secret that it had then. */
function isStill(revealed: ApiKey, { id, rotatedAt }: ApiKey): boolean {
  return revealed.id === id && revealed.rotatedAt === rotatedAt;
}
