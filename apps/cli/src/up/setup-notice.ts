import type { ReadyMessage } from '@signpost/config';

/** Tells the person at the terminal, last of all, how to come in, while nobody can sign in. */
export class SetupNotice {
  private url: string | null = null;
  private isShown = false;

  constructor(private readonly say: (line: string) => void) {}

  /** An API that is started again has a link of its own, and the one before is good no more. */
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
