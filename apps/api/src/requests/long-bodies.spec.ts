import { LongBodies } from './long-bodies';

const LONG = 100_000;

describe('long bodies', () => {
  it('are read one after the other, with the event loop free between two', async () => {
    const bodies = new LongBodies();
    const seen: string[] = [];
    const reading = ['first', 'second'].map(async (name) => bodies.inTurn(LONG, () => seen.push(name)));
    setImmediate(() => setImmediate(() => seen.push('somebody else')));
    await Promise.all(reading);
    expect(seen).toEqual(['first', 'somebody else', 'second']);
  });

  it('are not waited for by a short one', async () => {
    const bodies = new LongBodies();
    const seen: string[] = [];
    const long = bodies.inTurn(LONG, () => seen.push('long'));
    expect(bodies.inTurn(100, () => seen.push('short'))).toBe(1);
    await long;
    expect(seen).toEqual(['short', 'long']);
  });

  it('fail alone, whatever is wrong with them', async () => {
    const bodies = new LongBodies();
    const broken = bodies.inTurn(LONG, () => {
      throw new Error('broken');
    });
    const next = bodies.inTurn(LONG, () => 'read');
    await expect(broken).rejects.toThrow('broken');
    await expect(next).resolves.toBe('read');
  });

  it('are turned away when too much waits, but for one that is alone', async () => {
    const bodies = new LongBodies();
    const most = 32 * 1024 * 1024;
    const alone = bodies.inTurn(most + 1, () => 'read');
    await expect(bodies.inTurn(LONG, () => 'read')).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 1,
    });
    await expect(alone).resolves.toBe('read');
    await expect(bodies.inTurn(LONG, () => 'read')).resolves.toBe('read');
  });
});
