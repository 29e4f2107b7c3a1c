import { Injectable } from '@nestjs/common';
import { actorOf, InvitationRepository, SetupLinks } from '@signpost/database';
import { assertNever, SignpostError } from '@signpost/domain';
import { hashPassword, SignIn, type SignInRequest } from '@signpost/people';
import type { PersonCaller } from '../access/caller';
import { validationFailed } from '../problems/validation-pipe';
import { Attempts } from './attempts';

/** Who comes in by a link, as they describe themselves. */
export interface Newcomer {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Lets people in by a link: the first one, and those who were invited. Nobody else gets an account. */
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
   * Makes the invited a member: whoever is signed in with the invited address, else a newcomer, who says name and password.
   *
   * @returns the cookies of the session that begins; none for who is signed in already
   * @throws SignpostError `link_invalid`, `rate_limited`, `forbidden` for somebody else, `validation_failed`
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
    // Between look and acceptance the link may have been used, by which the address became a person's.
    if (outcome.kind !== 'accepted') throw linkInvalid();
    return this.beginSession({ email: sight.email, password }, request);
  }

  /** What an invitation is to. @throws SignpostError `link_invalid`, `rate_limited` */
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

/** One answer for a link that was used, has expired, was replaced, or never was one. */
export function linkInvalid(): SignpostError {
  return new SignpostError('link_invalid', 'The link was used, has expired, or is not one of ours.');
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
