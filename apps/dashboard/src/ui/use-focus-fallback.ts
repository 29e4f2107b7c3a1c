import { type RefObject, useEffect, useRef } from 'react';

/**
 * Gives the focus to a button that stays, once a dialog is closed whose opener is gone meanwhile.
 *
 * @param opened - whether a dialog is open now
 * @returns for the button
 */
export function useFocusFallback(opened: boolean): RefObject<HTMLButtonElement | null> {
  const fallback = useRef<HTMLButtonElement>(null);
  const opener = useRef<Element>(null);
  useEffect(() => {
    if (opened) opener.current = document.activeElement;
    else if (opener.current?.isConnected === false) fallback.current?.focus();
  }, [opened]);
  return fallback;
}
