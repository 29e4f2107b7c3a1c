import { Injectable } from '@nestjs/common';
import { actorOf, InvitationRepository, SetupLinks } from '@signpost/database';
import { assertNever, SignpostError } from '@signpost/domain';
import { hashPassword, SignIn, type SignInRequest } from '@signpost/people';
import type { PersonCaller } from '../access/caller';
import { validationFailed } from '../problems/validation-pipe';
import { Attempts } from './attempts';

/** What people say about themselves when they come in by a link. */
export interface Newcomer {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Lets people in by a link: the first person, and people who were invited. Nobody else gets an account. */
@Injectable()
export class Entrance {
  constructor(
    private readonly setupLinks: SetupLinks,
    private readonly invitations: InvitationRepository,
    private readonly signIn: SignIn,
    private readonly attempts: Attempts,
  ) {}

  /**
   * Makes the first person, an operator.
   *
   * @returns the cookies of their session
   * @throws SignpostError `link_invalid`, `rate_limited`
   */
  async setUp(token: string, newcomer: Newcomer, request: SignInRequest): Promise<readonly string[]> {
    const { address } = request;
    const outcome = await this.attempts.attempt(
      { account: null, address },
      async () => {
        if (!(await this.setupLinks.isValid(token))) return { kind: 'refused' } as const;
        const passwordHash = await hashPassword(newcomer.password);
        return this.setupLinks.redeem(token, { ...newcomer, passwordHash }, address);
      },
      ({ kind }) => kind === 'set_up',
    );
    if (outcome.kind === 'refused') throw linkInvalid();
    return this.beginSession(newcomer, request);
  }

  /**
   * Makes the invited person a member of the store. Somebody who has an account must be signed in to it; a newcomer gives name and
   * password, and gets an account.
   *
   * @returns the cookies of the session that begins; none for somebody who is signed in already
   * @throws SignpostError `link_invalid`, `rate_limited`, `forbidden` when the invited person is not signed in, `validation_failed`
   */
  async accept(
    token: string,
    newcomer: Partial<Omit<Newcomer, 'email'>>,
    caller: PersonCaller | null,
    request: SignInRequest,
  ): Promise<readonly string[]> {
    const sight = await this.look(token, request.address);
    if (sight.knownPerson) {
      await this.acceptAs(token, caller, request.address);
      return [];
    }
    const { name, password } = newcomer;
    if (name === undefined || password === undefined) throw whoAreYou(newcomer);
    const passwordHash = await hashPassword(password);
    const outcome = await this.invitations.acceptAsNew(token, { name, passwordHash }, request.address);
    // Since the look the link may have been used: then the invited address belongs to a person now.
    if (outcome.kind !== 'accepted') throw linkInvalid();
    return this.beginSession({ email: sight.email, password }, request);
  }

  /** What an invitation invites to. @throws SignpostError `link_invalid`, `rate_limited` */
  async look(token: string, address: string) {
    const sight = await this.attempts.attempt(
      { account: null, address },
      () => this.invitations.look(token),
      (found) => found !== null,
    );
    if (sight === null) throw linkInvalid();
    return sight;
  }

  private async acceptAs(token: string, caller: PersonCaller | null, address: string): Promise<void> {
    if (caller === null) throw signInFirst();
    const { personId } = caller;
    const outcome = await this.invitations.acceptAs(token, personId, actorOf(personId, address));
    switch (outcome.kind) {
      case 'accepted':
        return;
      case 'refused':
        throw linkInvalid();
      case 'other_person':
        throw signInFirst();
      default:
        return assertNever(outcome);
    }
  }

  private async beginSession(
    { email, password }: Pick<Newcomer, 'email' | 'password'>,
    request: SignInRequest,
  ): Promise<readonly string[]> {
    const outcome = await this.signIn.withPassword(email, password, request);
    if (outcome.kind !== 'signed_in') throw new Error('A new person cannot sign in.');
    return outcome.cookies;
  }
}

const LINK_INVALID = 'The link was used, has expired, or is not one of ours.';
/** What the document says of that answer. */
export const LINK_GONE = `\`link_invalid\`: ${LINK_INVALID}`;

/** One answer for a link that was used, has expired, was replaced, or never was one. */
export function linkInvalid(): SignpostError {
  return new SignpostError('link_invalid', LINK_INVALID);
}

function signInFirst(): SignpostError {
  return new SignpostError('forbidden', 'The invitation is for another address: sign in as who was invited.');
}

function whoAreYou(newcomer: object): SignpostError {
  const missing = ['name', 'password'].filter((field) => Reflect.get(newcomer, field) === undefined);
  return validationFailed(
    missing.map((field) => ({ field, rule: 'required', message: `${field} is required of somebody who is new here.` })),
  );
}
