const END = '<!-- end of the figures -->';

/**
 * Puts the lines of a suite's report in the place of its last one in a Markdown document; a document without such a place gets one
 * at its end.
 *
 * @param command - with which the figures were measured; each has a place of its own
 */
export function placeReport(document: string, command: string, lines: readonly string[]): string {
  const mark = `<!-- figures of \`${command}\` -->`;
  const begin = document.indexOf(mark);
  const end = begin === -1 ? -1 : document.indexOf(END, begin);
  const report = [mark, '', ...lines, '', END].join('\n');
  if (end === -1) return `${document === '' ? '' : `${document.trimEnd()}\n\n`}${report}\n`;
  return `${document.slice(0, begin)}${report}${document.slice(end + END.length)}`;
}
