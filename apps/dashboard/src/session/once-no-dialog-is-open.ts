/** A drawer shows what has an address, at which it is found again. */
const DIALOG = '[role="dialog"]:not(.mantine-Drawer-content)';

/**
 * Puts off what would take the page away: what is typed in a dialog, or shown there just once, would be gone with it.
 *
 * @returns has the act done, at once or as soon as the dialog is closed
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
