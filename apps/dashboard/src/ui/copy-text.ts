import { ProblemError } from '../api/problem-error';

/**
 * Puts a text on the clipboard.
 *
 * @param text - or how to get it: it is asked for only where it can be copied
 * @throws ProblemError `not_copied` where the browser does not let the page copy; what the text rejects with
 */
export async function copyText(text: string | (() => Promise<string>)): Promise<void> {
  // Absent where the page came over plain http from another machine.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined)
    throw notCopied('Browsers let a page copy only when it came over https or from this machine.');
  if (typeof text === 'string') return write(clipboard, text);
  const coming = text();
  try {
    await writeLater(clipboard, coming);
  } catch {
    // The text itself failed, or the browser takes none that is still on its way.
    await write(clipboard, await coming);
  }
}

async function write(clipboard: Clipboard, text: string): Promise<void> {
  await clipboard.writeText(text).catch((error: unknown) => {
    throw notCopied('The browser does not let this page copy.', error);
  });
}

function notCopied(detail: string, cause?: unknown): ProblemError {
  const error = new ProblemError({ code: 'not_copied', status: 0, title: 'Not copied', detail });
  error.cause = cause;
  return error;
}

/** Some browsers let a page write in answer to a click alone, not once it has waited: they are handed the promise. */
function writeLater(clipboard: Clipboard, text: Promise<string>): Promise<void> {
  const blob = text.then((arrived) => new Blob([arrived], { type: 'text/plain' }));
  // Told of where the text is waited for.
  blob.catch(() => undefined);
  return clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
}
