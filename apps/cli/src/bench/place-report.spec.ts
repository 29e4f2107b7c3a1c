import { placeReport } from './place-report';

describe('placeReport', () => {
  it('replaces the last report and leaves everything around it', () => {
    const first = placeReport('# Benchmarks\n\nWords.\n', 'bench', ['old figures', 'more']);
    const document = `${first}\nMore words.\n`;
    const second = placeReport(document, 'bench', ['new figures']);
    expect(second).toBe(document.replace('old figures\nmore', 'new figures'));
  });

  it('leaves the figures of other suites alone', () => {
    const both = placeReport(placeReport('', 'bench', ['one']), 'bench -- isolation', ['two']);
    expect(placeReport(both, 'bench', ['three'])).toBe(both.replace('one', 'three'));
    expect(placeReport(both, 'bench -- isolation', ['three'])).toBe(both.replace('two', 'three'));
  });

  it('makes a place at the end of a document that has none', () => {
    expect(placeReport('# Benchmarks\n', 'bench', ['figures'])).toMatch(
      /^# Benchmarks\n\n<!-- .* -->\n\nfigures\n\n<!-- .* -->\n$/,
    );
    expect(placeReport('', 'bench', ['figures'])).toMatch(/^<!-- .*\n\nfigures\n\n<!-- .* -->\n$/);
  });
});
