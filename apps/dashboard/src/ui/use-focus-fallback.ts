import { type RefObject, useEffect, useRef } from 'react';

/**
 * Once a dialog is closed, or an act is done, whose button has gone meanwhile, gives the focus to a button that is still there.
 *
 * @param opened - whether a dialog is open now, or the act under way
 * @returns the ref of that button
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
