import type { FastifyInstance } from 'fastify';

/** A route as it was registered. */
export interface KnownRoute {
  readonly method: string;
  /** With parameters as `:name`. */
  readonly url: string;
}

/** Every route that Fastify knows: for telling a wrong method from a wrong address, and for tests that walk all routes. */
export class RouteTable {
  private readonly known: KnownRoute[] = [];

  get routes(): readonly KnownRoute[] {
    return this.known;
  }

  /** Remembers the routes that are registered from now on. */
  observe(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) this.known.push({ method: each, url });
    });
  }

  /** The methods that some route has at the address of a request; none when there is nothing at all. */
  methodsAt(requestUrl: string): string[] {
    const segments = (requestUrl.split('?', 1)[0] ?? '').split('/');
    const matching = this.known.filter(({ url }) => matches(url.split('/'), segments));
    return [...new Set(matching.map(({ method }) => method))].sort();
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
  );
}
