import type { PeopleRepository } from '@signpost/database';
import { SignpostError } from '@signpost/domain';

/** Knows whether nobody can sign in yet. Once somebody can, that is remembered: there is always somebody from then on. */
export class SetupGate {
  private done = false;

  constructor(private readonly people: PeopleRepository) {}

  async isDue(): Promise<boolean> {
    if (!this.done) this.done = !(await this.people.isEmpty());
    return !this.done;
  }

  /** @throws SignpostError `setup_due` while nobody can sign in */
  async pass(): Promise<void> {
    if (await this.isDue()) {
      throw new SignpostError('setup_due', 'Nobody can sign in yet: open the set-up link that Signpost printed.');
    }
  }
}
