import { placeReport } from './place-report';

describe('placeReport', () => {
  it('replaces the last report and leaves everything around it', () => {
    const first = placeReport('# Benchmarks\n\nWords.\n', ['old figures', 'more']);
    const document = `${first}\nMore words.\n`;
    const second = placeReport(document, ['new figures']);
    expect(second).toBe(document.replace('old figures\nmore', 'new figures'));
  });

  it('makes a place at the end of a document that has none', () => {
    expect(placeReport('# Benchmarks\n', ['figures'])).toMatch(
      /^# Benchmarks\n\n<!-- .* -->\n\nfigures\n\n<!-- .* -->\n$/,
    );
    expect(placeReport('', ['figures'])).toMatch(/^<!-- .*\n\nfigures\n\n<!-- .* -->\n$/);
  });
});
