import { EgressPolicy } from './egress-policy';

const CLOSED = new EgressPolicy({ allow: [], httpsOnly: false });

/** The verdict on a URL: `ok`, `bad` (invalid_url), or the range that the refusal must name. */
type Expected = 'ok' | 'bad' | (string & {});

const LONG_PATH = 'a'.repeat(2048 - 'https://example.com/'.length);

const URLS: readonly (readonly [url: string, expected: Expected])[] = [
  // Ordinary ones.
  ['https://example.com/hooks?x=1', 'ok'],
  ['http://example.com', 'ok'],
  ['HTTPS://EXAMPLE.COM/', 'ok'],
  ['https://example.com./', 'ok'],
  ['https://8.8.8.8/', 'ok'],
  ['https://[2606:4700:4700::1111]/', 'ok'],
  ['https://bücher.example/', 'ok'],
  ['https://example.com/%0d%0aX', 'ok'],
  [`https://example.com/${LONG_PATH}`, 'ok'],
  // Names are judged later, by the addresses that they resolve to.
  ['http://localhost/', 'ok'],
  ['http://metadata.google.internal/', 'ok'],
  // Ports.
  ['http://example.com:1/', 'ok'],
  ['http://example.com:6379/', 'ok'],
  ['http://example.com:65535/', 'ok'],
  ['http://example.com:0/', 'bad'],
  ['http://example.com:65536/', 'bad'],
  ['http://example.com:-1/', 'bad'],
  ['http://example.com:80a/', 'bad'],
  // Schemes.
  ['ftp://example.com/', 'bad'],
  ['file:///etc/passwd', 'bad'],
  ['gopher://example.com:70/_x', 'bad'],
  ['javascript:alert(1)', 'bad'],
  ['data:text/plain,x', 'bad'],
  ['ws://example.com/', 'bad'],
  ['unix:/var/run/docker.sock', 'bad'],
  ['//example.com/', 'bad'],
  ['example.com', 'bad'],
  ['http:example.com', 'bad'],
  ['http:/example.com', 'bad'],
  ['https:///example.com', 'bad'],
  ['', 'bad'],
  // No host, user info.
  ['http://', 'bad'],
  ['http:///', 'bad'],
  ['http://:80/', 'bad'],
  ['http://user:pass@example.com/', 'bad'],
  ['http://user@example.com/', 'bad'],
  ['http://@example.com/', 'bad'],
  ['http:///user:pass@example.com/', 'bad'],
  ['http://example.com:80@127.0.0.1/', 'bad'],
  // What parsers strip or read differently.
  [' http://example.com/', 'bad'],
  ['http://example.com/ ', 'bad'],
  ['http://example.com/a b', 'bad'],
  ['http://exa\tmple.com/', 'bad'],
  ['http://example.com/\r\nHost: evil', 'bad'],
  ['http://example.com/\0', 'bad'],
  ['http://127.0.0.1\n.example.com/', 'bad'],
  ['http:\\\\example.com\\', 'bad'],
  ['http://example.com\\@127.0.0.1/', 'bad'],
  ['http://exa mple.com/', 'bad'],
  ['http://example.com%00.evil/', 'bad'],
  [`https://example.com/${LONG_PATH}a`, 'bad'],
  [`http://${'a.'.repeat(150)}com/`, 'bad'],
  // IPv4 in every notation.
  ['http://127.0.0.1/', '127.0.0.0/8'],
  ['http://127.0.0.1./', '127.0.0.0/8'],
  ['http://2130706433/', '127.0.0.0/8'],
  ['http://0x7f000001/', '127.0.0.0/8'],
  ['http://0x7F.0.0.1/', '127.0.0.0/8'],
  ['http://0177.0.0.1/', '127.0.0.0/8'],
  ['http://017700000001/', '127.0.0.0/8'],
  ['http://127.1/', '127.0.0.0/8'],
  ['http://127.0.1/', '127.0.0.0/8'],
  ['http://0x7f.1./', '127.0.0.0/8'],
  ['http://１２７.0.0.1/', '127.0.0.0/8'],
  ['http://①②⑦.⓪.⓪.①/', '127.0.0.0/8'],
  ['http://127。0。0。1/', '127.0.0.0/8'],
  ['http://127%2e0%2e0%2e1/', '127.0.0.0/8'],
  ['http://%31%32%37.0.0.1/', '127.0.0.0/8'],
  ['http://0/', '0.0.0.0/8'],
  ['http://0.0.0.0:8080/', '0.0.0.0/8'],
  ['http://10.255.255.255/', '10.0.0.0/8'],
  ['http://100.64.0.1/', '100.64.0.0/10'],
  ['http://100.100.100.200/', '100.64.0.0/10'],
  ['http://168.63.129.16/', '168.63.129.16/32'],
  ['http://169.254.169.254/latest/meta-data/', '169.254.169.254/32'],
  ['http://2852039166/latest/meta-data/', '169.254.169.254/32'],
  ['http://169.254.1.1/', '169.254.0.0/16'],
  ['http://172.31.255.255/', '172.16.0.0/12'],
  ['http://192.168.1.1/', '192.168.0.0/16'],
  ['http://4294967295/', '255.255.255.255/32'],
  ['http://256.1.1.1/', 'bad'],
  ['http://4294967296/', 'bad'],
  ['http://1.2.3.4.5/', 'bad'],
  ['http://example.0x7f/', 'bad'],
  ['http://127.0.0.0x/', '127.0.0.0/8'],
  // IPv6, and IPv4 inside it.
  ['http://[::1]/', '::1/128'],
  ['http://[0:0:0:0:0:0:0:1]/', '::1/128'],
  ['http://[::]/', '::/128'],
  ['http://[::ffff:127.0.0.1]/', '127.0.0.0/8'],
  ['http://[::ffff:7f00:1]/', '127.0.0.0/8'],
  ['http://[0:0:0:0:0:ffff:0a00:0001]/', '10.0.0.0/8'],
  ['http://[::FFFF:169.254.169.254]/', '169.254.169.254/32'],
  ['http://[::127.0.0.1]/', '::/96'],
  ['http://[::ffff:0:127.0.0.1]/', '::ffff:0:0:0/96'],
  ['http://[64:ff9b::127.0.0.1]/', '64:ff9b::/96'],
  ['http://[64:ff9b::808:808]/', '64:ff9b::/96'],
  ['http://[64:ff9b:1::1]/', '64:ff9b:1::/48'],
  ['http://[2002:7f00:1::]/', '2002::/16'],
  ['http://[2001:0:808:808::1]/', '2001::/32'],
  ['http://[fe80::1]/', 'fe80::/10'],
  ['http://[fe80::1%25eth0]/', 'bad'],
  ['http://[fe80::1%eth0]/', 'bad'],
  ['http://[fd00:ec2::254]/', 'fd00:ec2::254/128'],
  ['http://[fc00::1]/', 'fc00::/7'],
  ['http://[::ffff:127.0.0.1/', 'bad'],
  ['http://[v1.x]/', 'bad'],
  ['http://::1/', 'bad'],
  ['http://[1]/', 'bad'],
];

describe('EgressPolicy.checkUrl', () => {
  test.each(URLS)('%j is judged %s', (url, expected) => {
    const verdict = CLOSED.checkUrl(url);
    if (expected === 'ok') {
      expect(verdict.kind).toBe('allowed');
      return;
    }
    const code = expected === 'bad' ? 'invalid_url' : 'forbidden_address';
    expect(verdict).toMatchObject({ kind: 'refused', code });
    if (verdict.kind !== 'refused') return;
    expect(verdict.message).toMatch(/\.$/);
    if (expected !== 'bad') {
      expect(verdict.message).toContain(`(${expected})`);
      expect(verdict.message).toContain('SIGNPOST_EGRESS_ALLOW');
    }
  });

  it('takes only https where the configuration says so', () => {
    const policy = new EgressPolicy({ allow: [], httpsOnly: true });
    expect(policy.checkUrl('https://example.com/').kind).toBe('allowed');
    expect(policy.checkUrl('http://example.com/')).toMatchObject({
      code: 'invalid_url',
      message: 'Only https:// URLs may be used here (SIGNPOST_HTTPS_ONLY).',
    });
  });

  it('gives back the URL in its canonical form, which is what is sent to', () => {
    const policy = new EgressPolicy({ allow: ['127.0.0.0/8'], httpsOnly: false });
    const verdict = policy.checkUrl('http://0x7f.1:8080/a?b');
    expect(verdict.kind === 'allowed' && verdict.url.href).toBe('http://127.0.0.1:8080/a?b');
  });
});

const REFUSED_ADDRESSES: readonly (readonly [first: string, last: string])[] = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '255.255.255.255'],
  ['::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['100::', '100::ffff:ffff:ffff:ffff'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['::ffff:10.0.0.0', '::ffff:10.255.255.255'],
];

/** The neighbours of the ranges above, which are public. */
const PUBLIC_ADDRESSES = [
  ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
  ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.0.3.0', '192.167.255.255'],
  ...['192.169.0.0', '198.17.255.255', '198.20.0.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
  ...['2000::', '2001:200::', '2001:db7:ffff::', '2001:db9::', '2003::', '3ffe:ffff::', '::ffff:8.8.8.8'],
];

describe('EgressPolicy.checkAddress', () => {
  test.each(REFUSED_ADDRESSES)('refuses everything from %s to %s', (first, last) => {
    expect(CLOSED.checkAddress(first)).toMatchObject({ kind: 'refused', code: 'forbidden_address' });
    expect(CLOSED.checkAddress(last)).toMatchObject({ kind: 'refused', code: 'forbidden_address' });
  });

  test.each(PUBLIC_ADDRESSES)('allows %s', (address) => {
    expect(CLOSED.checkAddress(address)).toEqual({ kind: 'allowed' });
  });

  test.each([
    '',
    'localhost',
    'fe80::1%eth0',
    '2606::1%1',
    '127.0.0.01',
    '0x7f000001',
    '1.2.3',
    ' 8.8.8.8',
    '8.8.8.8/32',
  ])('refuses %j, which is not a plain address', (text) => {
    expect(CLOSED.checkAddress(text).kind).toBe('refused');
  });
});

describe('what SIGNPOST_EGRESS_ALLOW opens', () => {
  const opened = (allow: string[], address: string): string =>
    new EgressPolicy({ allow, httpsOnly: false }).checkAddress(address).kind;

  test.each([
    [['10.0.0.0/8'], '10.1.2.3', 'allowed'],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', 'allowed'],
    [['::ffff:10.0.0.0/104'], '10.1.2.3', 'allowed'],
    [['10.0.0.0/9'], '10.128.0.0', 'refused'],
    [['10.0.0.0/8'], '192.168.0.1', 'refused'],
    [['10.1.2.3'], '10.1.2.3', 'allowed'],
    [['10.1.2.3'], '10.1.2.4', 'refused'],
    [['127.0.0.0/8', '::1/128'], '::1', 'allowed'],
    [['::1/128'], '127.0.0.1', 'refused'],
    [['fd00::/8'], 'fd12::1', 'allowed'],
    [['fd00::/8'], 'fc00::1', 'refused'],
    [['0.0.0.0/0'], '127.0.0.1', 'allowed'],
    [['0.0.0.0/0'], '::1', 'refused'],
  ])('%j leaves %s %s', (allow, address, expected) => {
    expect(opened(allow, address)).toBe(expected);
  });

  it('judges the address behind an opened NAT64 or 6to4 gateway too', () => {
    expect(opened(['64:ff9b::/96'], '64:ff9b::8.8.8.8')).toBe('allowed');
    expect(opened(['64:ff9b::/96'], '64:ff9b::127.0.0.1')).toBe('refused');
    expect(opened(['64:ff9b::/96', '127.0.0.0/8'], '64:ff9b::127.0.0.1')).toBe('allowed');
    expect(opened(['::/0'], '2002:a9fe:a9fe::')).toBe('refused');
  });

  test.each(['10.0.0.0/33', '10.0.0/8', 'example.com', '', '::/129', '10.0.0.0/', 'fe80::%1/10'])(
    'says which entry is not a network: %j',
    (entry) => {
      expect(() => new EgressPolicy({ allow: [entry], httpsOnly: false })).toThrow(`"${entry}"`);
    },
  );
});
