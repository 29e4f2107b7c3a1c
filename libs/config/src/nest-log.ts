import type { Logger } from 'pino';

/** Who, in Nest, tells what a start failed of. `runProcess` tells it, too, in plain words. */
const TELLS_FAILED_STARTS = 'ExceptionHandler';
/** Who tells as a text, and then throws, why the port cannot be listened on. What ends in a fault later, it tells as an error. */
const TELLS_FAILED_LISTENING = 'NestApplication';

/**
 * Lets Nest write into the same log (a `LoggerService` of Nest's). Its messages about the start are of no use in operation, so they are
 * logged for debugging only.
 */
export class NestLog {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  error(message: unknown, ...details: unknown[]): void {
    const teller = details.at(-1);
    if (teller === TELLS_FAILED_STARTS || (teller === TELLS_FAILED_LISTENING && typeof message === 'string')) return;
    if (message instanceof Error) this.logger.error({ err: message }, message.message);
    else this.logger.error({ details }, String(message));
  }
}
