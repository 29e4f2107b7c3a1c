const END = '<!-- end of the figures -->';

/**
 * Replaces the last report of a suite in a Markdown document. A document that has none yet gets one at its end.
 *
 * @param command - the command that measured the figures; each command has a place of its own
 */
export function placeReport(document: string, command: string, lines: readonly string[]): string {
  const mark = `<!-- figures of \`${command}\` -->`;
  const begin = document.indexOf(mark);
  const end = begin === -1 ? -1 : document.indexOf(END, begin);
  const report = [mark, '', ...lines, '', END].join('\n');
  if (end === -1) return `${document === '' ? '' : `${document.trimEnd()}\n\n`}${report}\n`;
  return `${document.slice(0, begin)}${report}${document.slice(end + END.length)}`;
}
