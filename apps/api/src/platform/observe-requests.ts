import type { FastifyInstance } from 'fastify';
import { Histogram, type Registry } from 'prom-client';
import { routeOf } from './route-of';

/** Measures every request by its route, never by its address, so that callers cannot make up series. */
export function observeRequests(fastify: FastifyInstance, metrics: Registry): void {
  const durations = new Histogram({
    name: 'signpost_http_request_duration_seconds',
    help: 'Duration of HTTP requests, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = routeOf(request).url ?? 'none';
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const { id: reqId, method } = request;
    request.log.debug({ reqId, method, route, status: reply.statusCode, ms: reply.elapsedTime }, 'request');
    done();
  });
}
