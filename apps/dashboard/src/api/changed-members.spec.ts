import { changedMembers } from './changed-members';

describe('changedMembers', () => {
  const before = { name: 'Storefront', permissions: ['a', 'b'], networks: null as string[] | null };

  it('leaves out what stays: somebody else may have changed it', () => {
    const chosen = { ...before, permissions: [...before.permissions], name: 'Shop' };
    expect(changedMembers(chosen, before, { ...before, permissions: ['a'] })).toEqual({ name: 'Shop' });
  });

  it('adds to a set and takes from it: what somebody else took away or added meanwhile stays so', () => {
    const chosen = { ...before, permissions: ['b', 'c'] };
    const { permissions } = changedMembers(chosen, before, { ...before, permissions: ['a', 'd'] });
    expect(permissions).toEqual(['d', 'c']);
  });

  it('takes as it was chosen what was or becomes no set', () => {
    const limited = { ...before, networks: ['x'] };
    expect(changedMembers(limited, before, { ...before, networks: ['y'] })).toEqual({ networks: ['x'] });
    expect(changedMembers({ ...limited, networks: ['x', 'z'] }, limited, before)).toEqual({ networks: ['x', 'z'] });
  });
});
