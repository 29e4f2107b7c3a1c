import { RouteConfig } from '@nestjs/platform-fastify';
import { SignpostError } from '@signpost/domain';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See RawJsonBody. */
    rawJson?: true;
  }
}

/** The handler's body is the JSON text as it came (a string, not parsed), so that parts of it can be kept byte for byte. */
export function RawJsonBody(): MethodDecorator {
  return RouteConfig({ rawJson: true } satisfies FastifyContextConfig);
}

/** JSON is the only kind of body; it must be UTF-8, whose broken sequences are refused, not replaced. */
export function registerJsonBodies(fastify: FastifyInstance): void {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      const text = decoder.decode(bytes);
      done(null, request.routeOptions.config.rawJson === true ? text : parse(text));
    } catch (error) {
      const message = error instanceof SyntaxError ? 'The body is not valid JSON.' : 'The body is not valid UTF-8.';
      done(new SignpostError('malformed_json', message), undefined);
    }
  });
}

/** An empty body is none: some clients announce JSON with every request. */
function parse(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}
