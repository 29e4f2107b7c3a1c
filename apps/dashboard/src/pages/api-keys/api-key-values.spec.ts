import { changedMembers } from '../../api/changed-members';
import { requestOf, valuesOf } from './api-key-values';

describe('requestOf', () => {
  const before = { ...valuesOf(null), expiresAt: '2026-01-02T03:04', allowedCidrs: '203.0.113.0/24', rateLimit: 5 };

  it('leaves out what stays: somebody else may have changed it, and a time that has passed would be refused', () => {
    const values = { ...before, permissions: [...before.permissions], description: 'Storefront' };
    const [chosen, was] = [requestOf(values), requestOf(before)];
    expect(changedMembers(chosen, was, was)).toEqual({ description: 'Storefront' });
  });

  it('reads networks with spaces, commas or lines between them', () => {
    const { allowedCidrs } = requestOf({ ...before, allowedCidrs: ' 10.0.0.0/8, 192.0.2.1\n2001:db8::/32 ' });
    expect(allowedCidrs).toEqual(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  });

  it('takes a limit away that is emptied', () => {
    const none = requestOf({ ...before, expiresAt: '', allowedCidrs: ' ', rateLimit: '' });
    expect(none).toMatchObject({ expiresAt: null, allowedCidrs: null, rateLimit: null });
  });
});
