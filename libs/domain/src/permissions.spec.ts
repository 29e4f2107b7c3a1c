import { isPermission, PERMISSIONS, RESOURCES } from './permissions';

describe('permissions', () => {
  it('are read and write of every resource, in a fixed order', () => {
    expect(PERMISSIONS).toEqual(RESOURCES.flatMap((resource) => [`${resource}:read`, `${resource}:write`]));
  });

  it.each(['orders', 'orders:admin', 'Orders:read', 'orders:read ', '', '__proto__', null, 7, ['orders:read']])(
    'do not include %p',
    (value) => expect(isPermission(value)).toBe(false),
  );

  it('recognise themselves', () => {
    expect(PERMISSIONS.every(isPermission)).toBe(true);
  });
});
