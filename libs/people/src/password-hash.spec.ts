import { scryptSync } from 'node:crypto';
import { hashPassword, verifyPassword } from './password-hash';

const PASSWORD = 'correct horse battery staple';

describe('the hash of a password', () => {
  it('is scrypt by settings that OWASP gives as enough, with a salt of its own each time', async () => {
    const [one, other] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
  });

  it('lets the password in, however the keyboard composes its letters, and no other one', async () => {
    const hash = await hashPassword('Café au lait, s’il vous plaît');
    expect(await verifyPassword({ hash, password: 'Cafe\u0301 au lait, s’il vous plai\u0302t' })).toBe(true);
    for (const password of ['', 'Cafe au lait, s’il vous plait', 'Café au lait, s’il vous plaît '])
      expect(await verifyPassword({ hash, password })).toBe(false);
  });

  it('stays good when the settings change, and is no good when it is of another kind', async () => {
    const salt = Buffer.alloc(16, 1);
    const key = scryptSync(PASSWORD, salt, 32, { N: 1024, r: 8, p: 1 });
    const hash = ['scrypt', 1024, 8, 1, salt.toString('base64url'), key.toString('base64url')].join('$');
    expect(await verifyPassword({ hash, password: PASSWORD })).toBe(true);
    expect(await verifyPassword({ hash: hash.replace('scrypt', 'bcrypt'), password: PASSWORD })).toBe(false);
    expect(await verifyPassword({ hash: hash.slice(0, -1), password: PASSWORD })).toBe(false);
  });
});
