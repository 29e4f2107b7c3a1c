/** The browser does not let the page copy at all: the text has to be shown instead. */
export class NotCopiedError extends Error {
  override readonly name = 'NotCopiedError';

  constructor(readonly text: string) {
    super('The browser does not let this page copy.');
  }
}

/**
 * Puts a text on the clipboard.
 *
 * @param text - or how to get it
 * @throws NotCopiedError where the browser does not let the page copy; what the text rejects with
 */
export async function copyText(text: string | (() => Promise<string>)): Promise<void> {
  // Absent where the page came over plain http from another machine.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  const coming = typeof text === 'string' ? text : text();
  if (clipboard !== undefined && typeof coming !== 'string' && (await isDone(writeLater(clipboard, coming)))) return;
  // Either the text itself failed, or the browser does not accept a text that is still awaited.
  const arrived = await coming;
  if (clipboard !== undefined && (await isDone(clipboard.writeText(arrived)))) return;
  if (!copySelected(arrived)) throw new NotCopiedError(arrived);
}

function isDone(writing: Promise<void>): Promise<boolean> {
  return writing.then(
    () => true,
    () => false,
  );
}

/** Hands the clipboard a promise: some browsers let a page write only in direct answer to a click, and not after it has waited. */
async function writeLater(clipboard: Clipboard, text: Promise<string>): Promise<void> {
  const blob = text.then((arrived) => new Blob([arrived], { type: 'text/plain' }));
  // The caller, which awaits the same text, reports this error.
  blob.catch(() => undefined);
  await clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
}

/** Copies as a key would: by a selection, within the dialog that holds the focus. @returns whether the browser did it */
function copySelected(text: string): boolean {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement : document.body;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  Object.assign(field.style, { position: 'fixed', inset: '0 auto auto 0', opacity: '0' });
  (focused.closest('[role="dialog"]') ?? document.body).append(field);
  field.select();
  const copied = isCopied();
  field.remove();
  focused.focus({ preventScroll: true });
  return copied;
}

/** Deprecated, but the only way to copy where a page came over plain http. */
interface CopyingDocument {
  execCommand(command: 'copy'): boolean;
}

function isCopied(): boolean {
  try {
    return (document as CopyingDocument).execCommand('copy');
  } catch {
    return false;
  }
}
