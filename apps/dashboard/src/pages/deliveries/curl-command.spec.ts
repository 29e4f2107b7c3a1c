import { curlCommand } from './curl-command';

describe('curlCommand', () => {
  it('has the shell read nothing of what is sent', () => {
    const request = { url: 'https://a.example/?a=1&b=$(x)', method: 'POST', headers: { 'webhook-id': 'evt_1' } };
    expect(curlCommand({ ...request, body: `{"name":"O'Neil $HOME \`id\`"}` })).toBe(
      [
        `curl -X POST 'https://a.example/?a=1&b=$(x)' \\`,
        `  -H 'webhook-id: evt_1' \\`,
        `  --data-binary '{"name":"O'\\''Neil $HOME \`id\`"}'`,
      ].join('\n'),
    );
  });
});
