import { permissionSummary } from './permissions';

describe('permissionSummary', () => {
  it('names permissions in one order, whatever order they were given in', () => {
    const permissions = ['orders:write', 'customers:read', 'orders:read'] as const;
    expect(permissionSummary({ permissions: [...permissions] })).toBe('Customers: read · Orders: read, write');
  });

  it('says of a key without any what it is still good for', () => {
    expect(permissionSummary({ permissions: [] })).toBe('No permissions: it signs only');
  });
});
