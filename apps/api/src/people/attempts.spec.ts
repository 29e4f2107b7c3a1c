import type { Throttles, ThrottleSubject } from '@signpost/database';
import { Attempts } from './attempts';

/** Which addresses failures from these are counted for. */
async function countedFor(addresses: readonly string[]): Promise<string[]> {
  const taken: ThrottleSubject[] = [];
  const throttles: Pick<Throttles, 'take' | 'forgive'> = {
    take: async (subjects) => (taken.push(...subjects), { kind: 'pass' }),
    forgive: async () => undefined,
  };
  const attempts = new Attempts(throttles);
  for (const address of addresses)
    await attempts.attempt(
      { account: 'a', address },
      async () => 0,
      () => false,
    );
  return [...new Set(taken.map(({ name }) => name).filter((name) => name.startsWith('address:')))];
}

describe('failures', () => {
  it('count for the network that one connection has, where it has 2^64 addresses', async () => {
    expect(await countedFor(['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'])).toHaveLength(1);
    expect(await countedFor(['2001:db8:1:2::1', '2001:db8:1:3::1'])).toHaveLength(2);
  });

  it('count for the address where it is IPv4, also in an IPv6 coat, or none at all', async () => {
    expect(await countedFor(['192.0.2.1', '192.0.2.2', 'unknown', 'another'])).toHaveLength(4);
    expect(await countedFor(['::ffff:192.0.2.1', '::ffff:192.0.2.2'])).toHaveLength(2);
  });
});
