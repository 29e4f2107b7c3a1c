import { useEffect, useRef } from 'react';

/**
 * Gives the focus back to what opened a drawer, once it is closed.
 *
 * @param opened - what is in the drawer now, by the name that its opener has as `data-opens`
 */
export function useFocusBack(opened: string | undefined): void {
  const before = useRef<string>(undefined);
  useEffect(() => {
    const closed = before.current;
    before.current = opened;
    if (opened !== undefined || closed === undefined) return;
    document.querySelector<HTMLElement>(`[data-opens="${CSS.escape(closed)}"]`)?.focus();
  }, [opened]);
}
