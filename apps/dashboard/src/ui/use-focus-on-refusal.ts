import { type RefObject, useEffect, useRef, useState } from 'react';

interface FocusOnRefusal<Root> {
  /** The ref of the form, or of what takes its place. */
  readonly ref: RefObject<Root | null>;
  /** To be called when the form found mistakes itself and sent nothing. */
  readonly refused: () => void;
}

/**
 * Once a form was refused, puts the focus on the first wrong field or, if there is none, on the notice: either may be out of sight of the
 * button that had the focus, and lost it while it was busy.
 *
 * @param error - the error of the last time that the form was sent
 * @param forget - takes that error away: once the form found mistakes itself, it is of what was entered before
 */
export function useFocusOnRefusal<Root extends HTMLElement = HTMLFormElement>(
  error: Error | null,
  forget?: () => void,
): FocusOnRefusal<Root> {
  const ref = useRef<Root>(null);
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (error !== null) focusFault(ref.current);
  }, [error]);
  useEffect(() => {
    if (refusals > 0) focusFault(ref.current);
  }, [refusals]);
  const refused = () => {
    if (error !== null) forget?.();
    setRefusals((before) => before + 1);
  };
  return { ref, refused };
}

function focusFault(form: HTMLElement | null): void {
  const first = (selector: string) => form?.querySelector<HTMLElement>(selector);
  (first('[aria-invalid="true"]') ?? first('[role="alert"][tabindex]'))?.focus();
}
