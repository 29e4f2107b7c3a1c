/**
 * A button that is busy is disabled, and so loses the focus. Gives the focus back to it once it can be used again, unless the focus is
 * somewhere else by then.
 */
export function keepFocusOfBusy(): void {
  let busy: Element | null = null;
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (!(target instanceof HTMLElement)) continue;
      if (target === document.activeElement && target.matches(':disabled')) busy = target;
      else if (target === busy && !target.matches(':disabled')) {
        busy = null;
        if (document.activeElement === document.body) target.focus({ preventScroll: true });
      }
    }
  }).observe(document.body, { subtree: true, attributeFilter: ['disabled'] });
}
