import type { FastifyInstance, FastifyRequest } from 'fastify';

type Route = FastifyRequest['routeOptions'];

declare module 'fastify' {
  interface FastifyRequest {
    /** See {@link routeOf}. */
    knownRoute: Route | null;
  }
}

/** Makes room on every request for its route. */
export function decorateWithRoute(fastify: FastifyInstance): void {
  fastify.decorateRequest('knownRoute', null);
}

/** The route of a request; Fastify itself puts it together anew whenever it is asked. */
export function routeOf(request: FastifyRequest): Route {
  request.knownRoute ??= request.routeOptions;
  return request.knownRoute;
}
