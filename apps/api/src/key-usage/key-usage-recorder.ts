import { type KeyUsageCount, type KeyUsageLedger } from '@signpost/database';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { routeOf } from '../platform/route-of';
import { type KeyCall, KeyUsageCounter } from './key-usage-counter';

const FLUSH_INTERVAL_MS = 5_000;
/**
 * From `from` counts on, most keys have few calls each, and counts are written down less often. From `to` counts on they are written down
 * as often as usual, because room is limited.
 */
const MANY = { from: 2_000, to: 25_000, intervalMs: 20_000 };

/** Counts written down by one statement. */
const COUNTS_PER_STATEMENT = 1_000;

const REFUSED_STATUSES: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * Counts every call with an API key once it is answered, and writes the counts down every few seconds, so that no call waits for that. A
 * process that is killed loses what it counted since the last time; one that is stopped loses nothing.
 */
export class KeyUsageRecorder {
  private readonly counter = new KeyUsageCounter();
  private flushing: Promise<void> = Promise.resolve();
  private flushedAtMs = 0;
  /** By method and route. */
  private readonly operations = new Map<string, string>();

  /** @param nowMs - milliseconds since 1970 */
  constructor(
    private readonly ledger: Pick<KeyUsageLedger, 'add'>,
    private readonly logger: Logger,
    private readonly nowMs: () => number,
  ) {}

  /** Counts the requests of a server from now on, until it is closed. */
  observe(fastify: FastifyInstance): void {
    const timer = setInterval(() => this.flushInTime(), FLUSH_INTERVAL_MS);
    fastify.addHook('onResponse', (request, reply, done) => {
      this.countRequest(request, reply);
      done();
    });
    // By then the last request has been answered, and the database is still there.
    fastify.addHook('onClose', async () => {
      clearInterval(timer);
      await this.flush();
    });
  }

  count(call: KeyCall): void {
    this.counter.add(call, this.nowMs());
  }

  /** Writes down what was counted until now. Never fails: counts that cannot be written are kept for the next time. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.write(this.counter.take()));
    return this.flushing;
  }

  private countRequest(request: FastifyRequest, reply: FastifyReply): void {
    const use = request.keyUse;
    if (use === null) return;
    this.count({
      apiKeyId: use.apiKeyId,
      operation: this.operationOf(request),
      allowed: request.accessContext !== null && !REFUSED_STATUSES.has(reply.statusCode),
      permissions: use.exercised,
    });
  }

  private flushInTime(): void {
    const { size } = this.counter;
    const nowMs = this.nowMs();
    if (size >= MANY.from && size < MANY.to && nowMs - this.flushedAtMs < MANY.intervalMs) return;
    this.flushedAtMs = nowMs;
    void this.flush();
  }

  /** `POST /events` for `POST /api/v1/stores/:store/events`: without the part that is the same for all stores. */
  private operationOf(request: FastifyRequest): string {
    const { url = 'none' } = routeOf(request);
    const route = `${request.method} ${url}`;
    const operation = this.operations.get(route) ?? route.replace(/ \/api\/v1(\/stores\/:store)?/, ' ');
    this.operations.set(route, operation);
    return operation;
  }

  private async write(counts: readonly KeyUsageCount[]): Promise<void> {
    for (let from = 0; from < counts.length; from += COUNTS_PER_STATEMENT) {
      try {
        await this.ledger.add(counts.slice(from, from + COUNTS_PER_STATEMENT));
      } catch (error) {
        this.counter.putBack(counts.slice(from));
        const { dropped } = this.counter;
        this.logger.warn(
          { err: error, dropped },
          'The usage of API keys could not be written down; it will be tried again.',
        );
        return;
      }
    }
  }
}
