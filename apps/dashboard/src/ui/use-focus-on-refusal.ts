import { type RefObject, useEffect, useRef, useState } from 'react';

interface FocusOnRefusal {
  /** For the form. */
  readonly ref: RefObject<HTMLFormElement | null>;
  /** Hears that what was entered was not even sent. */
  readonly refused: () => void;
}

/**
 * Puts the focus on the first field that is wrong, and where none is on the notice, once a form was refused: the button that had it
 * may be out of sight of both.
 *
 * @param error - with which the last sending of the form ended
 */
export function useFocusOnRefusal(error: Error | null): FocusOnRefusal {
  const ref = useRef<HTMLFormElement>(null);
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (error !== null) focusFault(ref.current);
  }, [error]);
  useEffect(() => {
    if (refusals > 0) focusFault(ref.current);
  }, [refusals]);
  return { ref, refused: () => setRefusals((before) => before + 1) };
}

function focusFault(form: HTMLFormElement | null): void {
  const first = (selector: string) => form?.querySelector<HTMLElement>(selector);
  (first('[aria-invalid="true"]') ?? first('[role="alert"]'))?.focus();
}
