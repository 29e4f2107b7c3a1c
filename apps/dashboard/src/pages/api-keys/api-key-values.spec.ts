import { requestOf, valuesOf } from './api-key-values';

describe('requestOf', () => {
  const before = { ...valuesOf(null), expiresAt: '2026-01-02T03:04', allowedCidrs: '203.0.113.0/24', rateLimit: 5 };

  it('leaves out the limits that stay: a time that has passed would be refused', () => {
    const request = requestOf({ ...before, description: 'Storefront' }, before);
    expect(Object.keys(request)).toEqual(['description', 'permissions', 'activated']);
  });

  it('reads networks with spaces, commas or lines between them', () => {
    const { allowedCidrs } = requestOf({ ...before, allowedCidrs: ' 10.0.0.0/8, 192.0.2.1\n2001:db8::/32 ' }, before);
    expect(allowedCidrs).toEqual(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  });

  it('takes a limit away that is emptied', () => {
    const none = requestOf({ ...before, expiresAt: '', allowedCidrs: ' ', rateLimit: '' }, before);
    expect(none).toMatchObject({ expiresAt: null, allowedCidrs: null, rateLimit: null });
  });
});
