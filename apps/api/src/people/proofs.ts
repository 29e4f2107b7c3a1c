import { Injectable } from '@nestjs/common';
import { actorOf, PeopleRepository } from '@signpost/database';
import { hashToken, type PersonId, SignpostError } from '@signpost/domain';
import { type Done, type LibraryOutcome, SignIn, type SignInRequest } from '@signpost/people';
import type { PersonCaller } from '../access/caller';
import { validationFailed } from '../problems/validation-pipe';
import { accountOfEmail, accountOfPerson, Attempts } from './attempts';

/** What somebody shows to prove that it is them. */
export interface Proof {
  readonly password: string | undefined;
  readonly code: string | undefined;
}

/** Checks passwords and codes by which people prove who they are: throttled, audited, and refused without a hint at what was wrong. */
@Injectable()
export class Proofs {
  constructor(
    private readonly library: SignIn,
    private readonly people: PeopleRepository,
    private readonly attempts: Attempts,
  ) {}

  /** @throws SignpostError `sign_in_failed`, `rate_limited` */
  async signIn(
    email: string,
    password: string,
    request: SignInRequest,
  ): Promise<{ cookies: readonly string[]; secondFactor: boolean }> {
    const { address } = request;
    const outcome = await this.attempts.attempt(
      { account: accountOfEmail(email), address },
      () => this.library.withPassword(email, password, request),
      ({ kind }) => kind !== 'refused',
    );
    if (outcome.kind === 'refused') throw signInFailed('The e-mail address or the password is wrong.');
    return { cookies: outcome.cookies, secondFactor: outcome.kind === 'second_factor' };
  }

  /** @throws SignpostError `sign_in_failed`, `rate_limited` */
  async completeSignIn(code: string, request: SignInRequest): Promise<readonly string[]> {
    const { address } = request;
    const personId = await this.library.personInSecondStep(request);
    if (personId === null) throw signInFailed('There is no sign-in to complete: begin with the password.');
    const outcome = await this.attempts.attempt(
      { account: accountOfPerson(personId), address },
      async () =>
        (await this.takeCode(personId, code))
          ? this.library.withCode(code, personId, request)
          : ({ kind: 'refused' } as const),
      ({ kind }) => kind === 'signed_in',
    );
    if (outcome.kind !== 'signed_in') {
      await this.people.tellFailure(personId, address);
      throw signInFailed('The code is wrong.');
    }
    return outcome.cookies;
  }

  /**
   * Makes the caller's sign-in recent.
   *
   * @throws SignpostError `confirmation_failed`, `rate_limited`, `validation_failed` unless exactly one proof is shown
   */
  async confirm({ password, code }: Proof, caller: PersonCaller, request: SignInRequest): Promise<void> {
    if ((password === undefined) === (code === undefined)) {
      throw validationFailed([{ field: '', rule: 'one_of', message: 'Either password or code is required.' }]);
    }
    await this.prove(caller, request, async () =>
      password === undefined
        ? this.confirmCode(caller.personId, code ?? '', request)
        : this.library.confirmPassword(password, request),
    );
    await this.people.confirmSession(actorOf(caller.personId, request.address), caller.sessionHash);
  }

  /** Turns the prepared second factor on. The code that is shown for this cannot be used again. @throws SignpostError as {@link prove} */
  activateSecondFactor(code: string, caller: PersonCaller, request: SignInRequest): Promise<Done<unknown>> {
    const { personId } = caller;
    return this.prove(caller, request, async () =>
      (await this.takeCode(personId, code))
        ? this.library.activateSecondFactor(personId, code, request)
        : { kind: 'refused' },
    );
  }

  /**
   * Does something that only the person themselves may do. `call` checks their proof, such as a password, and failures are throttled.
   *
   * @throws SignpostError `confirmation_failed`, `rate_limited`
   */
  async prove<Value>(
    { personId }: PersonCaller,
    request: SignInRequest,
    call: () => Promise<LibraryOutcome<Value>>,
  ): Promise<Done<Value>> {
    const outcome = await this.attempts.attempt(
      { account: accountOfPerson(personId), address: request.address },
      call,
      ({ kind }) => kind === 'done',
    );
    if (outcome.kind === 'done') return outcome;
    throw new SignpostError(
      'confirmation_failed',
      'It is not the password of this account, or the code has expired or was used.',
    );
  }

  /** A second factor that was prepared, but not activated, confirms nothing. */
  private async confirmCode(
    personId: PersonId,
    code: string,
    request: SignInRequest,
  ): Promise<LibraryOutcome<unknown>> {
    const profile = await this.people.findProfile(personId);
    if (profile?.secondFactorEnabled !== true) return { kind: 'refused' };
    return (await this.takeCode(personId, code)) ? this.library.confirmCode(code, request) : { kind: 'refused' };
  }

  private takeCode(personId: PersonId, code: string): Promise<boolean> {
    return this.people.takeCode(personId, hashToken(code));
  }
}

function signInFailed(message: string): SignpostError {
  return new SignpostError('sign_in_failed', message);
}
