import type { PeopleRepository } from '@signpost/database';
import { SignpostError } from '@signpost/domain';

/** Knows whether there is nobody yet who could sign in. Once there is somebody, there always is. */
export class SetupGate {
  private done = false;

  constructor(private readonly people: PeopleRepository) {}

  async isDue(): Promise<boolean> {
    if (!this.done) this.done = !(await this.people.isEmpty());
    return !this.done;
  }

  /** @throws SignpostError `setup_due` while there is nobody */
  async pass(): Promise<void> {
    if (await this.isDue()) {
      throw new SignpostError('setup_due', 'Nobody can sign in yet: open the set-up link that Signpost printed.');
    }
  }
}
