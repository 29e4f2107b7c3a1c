import { execFileSync } from 'node:child_process';
import { curlCommand } from './curl-command';

const REQUEST = {
  url: "https://shop.example.com/it's?a=$HOME",
  method: 'POST',
  headers: { 'webhook-id': 'evt_1', 'x-note': "it's `whoami`" },
  body: '{"note":"it\'s $(whoami)"}',
} as const;

describe('curlCommand', () => {
  it('is read by a shell as exactly the request, with nothing interpreted', () => {
    const command = curlCommand(REQUEST).replace(/^curl/, "printf '%s\\n'");
    const words = execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(words).toEqual([
      ...['-i', '-X', 'POST', REQUEST.url],
      ...['-H', 'webhook-id: evt_1', '-H', `x-note: ${REQUEST.headers['x-note']}`],
      ...['--data-raw', REQUEST.body],
    ]);
  });
});
