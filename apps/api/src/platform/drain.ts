import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** Ends an application without breaking off requests. */
export class Drain {
  private stopping = false;

  /** Has answers tell clients, while the process stops, to close the connection: one that stays open would keep the process alive. */
  observe(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      if (this.stopping) reply.header('connection', 'close');
      done(null, payload);
    });
  }

  /** Finishes what is in flight, and cuts what takes longer than the grace period. */
  async close(app: NestFastifyApplication, graceMs: number): Promise<void> {
    this.stopping = true;
    const timer = setTimeout(() => app.getHttpServer().closeAllConnections(), graceMs);
    try {
      await app.close();
    } finally {
      clearTimeout(timer);
    }
  }
}
