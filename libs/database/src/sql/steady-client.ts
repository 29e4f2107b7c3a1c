import { Client, type ClientConfig } from 'pg';

/**
 * A connection to PostgreSQL whose loss ends no process. An `error` of the driver for which nobody listens would end it, as in the moment
 * in which a connection goes from one caller to the next. It is ignored here: the next statement on the connection fails.
 */
export class SteadyClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
