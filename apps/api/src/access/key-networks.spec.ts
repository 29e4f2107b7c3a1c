import { KeyNetworks } from './key-networks';

describe('KeyNetworks', () => {
  it.each([
    ['10.1.0.0/16', '10.1.255.255', true],
    ['10.1.0.0/16', '10.2.0.0', false],
    ['10.1.2.3/16', '10.1.9.9', true],
    ['192.0.2.128/25', '192.0.2.128', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7/32', '203.0.113.8', false],
    ['0.0.0.0/0', '198.51.100.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['10.0.0.0/8', '::10.1.2.3', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['2001:DB8::1/128', '2001:db8:0:0:0:0:0:1', true],
    ['::/0', '2001:db8::1', true],
    ['::/0', '10.1.2.3', false],
    ['fe80::/10', 'fe80::1%eth0', false],
  ])('%s contains %s: %s', (cidr, address, contained) => {
    expect(new KeyNetworks([cidr]).contain(address)).toBe(contained);
  });

  it.each(['', 'unknown', '10.1.2.3:443', '10.1.2.3, 10.1.2.4', '010.1.2.3', '10.1.2'])(
    'contains nothing that is no plain address: %j',
    (text) => {
      expect(new KeyNetworks(['0.0.0.0/0', '::/0']).contain(text)).toBe(false);
    },
  );

  it('contains what any of its networks does', () => {
    const networks = new KeyNetworks(['10.0.0.0/8', '2001:db8::/32']);
    expect(['10.9.9.9', '2001:db8::9', '11.0.0.1'].map((address) => networks.contain(address))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
