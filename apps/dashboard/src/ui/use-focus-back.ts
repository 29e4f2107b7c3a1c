import { useEffect, useRef } from 'react';

/**
 * Gives the focus back to the element that opened a drawer, once the drawer is closed.
 *
 * @param opened - names what the drawer shows now; its opener has the name as `data-opens`
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
