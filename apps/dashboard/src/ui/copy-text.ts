/**
 * Puts a text on the clipboard.
 *
 * @throws Error that says why, where the browser does not let pages copy
 */
export async function copyText(text: string): Promise<void> {
  // Absent where the page came over plain http from another machine.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined)
    throw new Error('Browsers let a page copy only when it came over https or from this machine.');
  await clipboard.writeText(text);
}
