import { Client, type ClientConfig } from 'pg';

/**
 * A connection to PostgreSQL whose loss ends no process. The driver throws an error that nobody listens for, as in the moment in which a
 * connection goes from one caller to the next; whoever asks something on it afterwards is told.
 */
export class SteadyClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
