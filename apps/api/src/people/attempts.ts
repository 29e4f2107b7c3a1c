import { createHash } from 'node:crypto';
import type { Throttles, ThrottleSubject } from '@signpost/database';
import { parseIpAddress } from '@signpost/delivery';
import { type PersonId, SignpostError } from '@signpost/domain';

/** How many failures are allowed in a quarter of an hour. */
const PER_ACCOUNT_AND_ADDRESS = 10;
/** Higher than the limit of an account at one address: who knows an e-mail address cannot easily lock its owner out. */
const PER_ACCOUNT = 100;
const PER_ADDRESS = 100;

/**
 * Keeps people from guessing passwords, codes or links for long. Only failures count. They also count for an account that does not exist.
 */
export class Attempts {
  constructor(private readonly throttles: Pick<Throttles, 'take' | 'forgive'>) {}

  /**
   * Tries something that may fail.
   *
   * @param account - whose password or code is tried, as it was given; null: a link is tried, which names nobody
   * @param succeeded - whether the outcome was a success
   * @throws SignpostError `rate_limited`, with the time after which to try again, before anything was tried
   */
  async attempt<Outcome>(
    { account, address }: { account: string | null; address: string },
    work: () => Promise<Outcome>,
    succeeded: (outcome: Outcome) => boolean,
  ): Promise<Outcome> {
    const origin = originOf(address);
    const subjects = account === null ? linkSubjects(origin) : accountSubjects(account, origin);
    const passage = await this.throttles.take(subjects);
    if (passage.kind === 'wait') {
      throw new SignpostError('rate_limited', 'There were too many failed attempts. Try again later.', {
        retryAfterSeconds: passage.waitSeconds,
      });
    }
    const outcome = await work();
    if (succeeded(outcome)) await this.throttles.forgive(subjects);
    return outcome;
  }
}

/** How many bytes of an IPv6 address name its network. Everybody has countless addresses within their network (RFC 4291 §2.5.4). */
const NETWORK_BYTES = 8;

/** The address that failures are counted for; of IPv6, the network of the address. */
function originOf(address: string): string {
  const parsed = parseIpAddress(address);
  return parsed?.family === 6 ? Buffer.from(parsed.bytes.slice(0, NETWORK_BYTES)).toString('hex') : address;
}

function accountSubjects(account: string, address: string): ThrottleSubject[] {
  const name = createHash('sha256').update(account).digest('base64url');
  return [
    { name: `account:${name}:${address}`, failuresMax: PER_ACCOUNT_AND_ADDRESS },
    { name: `account:${name}`, failuresMax: PER_ACCOUNT },
    { name: `address:${address}`, failuresMax: PER_ADDRESS },
  ];
}

function linkSubjects(address: string): ThrottleSubject[] {
  return [{ name: `link:${address}`, failuresMax: PER_ADDRESS }];
}

/** The account of an e-mail address that was typed in. */
export function accountOfEmail(email: string): string {
  return `email:${email.toLowerCase()}`;
}

/** The account of somebody whose password was right already. */
export function accountOfPerson(id: PersonId): string {
  return `person:${id}`;
}
