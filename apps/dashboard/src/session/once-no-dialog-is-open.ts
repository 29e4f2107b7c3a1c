/** Drawers do not count: what they show has an address, at which it can be opened again. */
const DIALOG = '[role="dialog"]:not(.mantine-Drawer-content)';

/**
 * As long as a dialog is open, puts off an act that would leave the page: what was typed in the dialog, or is shown there just once, would
 * be lost.
 *
 * @returns a function that runs the act, at once or as soon as the dialog is closed
 */
export function onceNoDialogIsOpen(act: () => void): () => void {
  const observer = new MutationObserver(() => actOrWait());
  const actOrWait = () => {
    observer.disconnect();
    if (document.querySelector(DIALOG) === null) act();
    else observer.observe(document.body, { childList: true, subtree: true });
  };
  return actOrWait;
}
