const BEGIN = '<!-- figures of `npm run bench` -->';
const END = '<!-- end of the figures -->';

/** Puts the lines of a report in the place of the last one in a Markdown document; a document without such a place gets one at its end. */
export function placeReport(document: string, lines: readonly string[]): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  const report = [BEGIN, '', ...lines, '', END].join('\n');
  if (begin === -1 || end < begin) return `${document === '' ? '' : `${document.trimEnd()}\n\n`}${report}\n`;
  return `${document.slice(0, begin)}${report}${document.slice(end + END.length)}`;
}
