import type { ReadyMessage } from '@signpost/config';

/** Tells the person at the terminal, after everything else, how to sign in for the first time, as long as nobody can sign in. */
export class SetupNotice {
  private url: string | null = null;
  private isShown = false;

  constructor(private readonly say: (line: string) => void) {}

  /** Each start of the API makes a new link, and the one before is no longer valid. */
  hear({ setupUrl }: Pick<ReadyMessage, 'setupUrl'>): void {
    if (setupUrl === null) return;
    this.url = setupUrl;
    if (this.isShown) this.print();
  }

  show(): void {
    this.isShown = true;
    this.print();
  }

  private print(): void {
    if (this.url === null) return;
    for (const line of [
      '',
      'Nobody can sign in yet. Set up the dashboard (good once, for a day):',
      '',
      `  ${this.url}`,
      '',
    ])
      this.say(line);
  }
}
