import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { routeOf } from './route-of';

type Answer = Parameters<ReturnType<typeof helmet>>[1];
type Request = Parameters<ReturnType<typeof helmet>>[0];

/**
 * What a page of ours may load: its own files, nothing of anybody else. Styles may be inline, because the dashboard's components make
 * some for the width of the window, and the page of the documentation has some; scripts may not.
 */
const CONTENT_SECURITY_POLICY = {
  styleSrc: ["'self'", "'unsafe-inline'"],
  fontSrc: ["'self'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

/**
 * Helmet's headers, which are the same for every answer: it is asked for them once, since building them anew is a good part of the
 * time that publishing an event takes.
 *
 * @returns names in lower case
 */
export function securityHeaders(): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const answer: Pick<Answer, 'removeHeader'> & { setHeader: (name: string, value: string) => void } = {
    setHeader: (name, value) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  const middleware = helmet({ contentSecurityPolicy: { directives: CONTENT_SECURITY_POLICY } });
  middleware({} as Request, answer as Answer, (error?: unknown) => {
    if (error !== undefined) throw new Error('Helmet refused its settings.', { cause: error });
  });
  return headers;
}

/** Of these headers, the ones that also count where nobody looks at a page. */
const FOR_EVERY_ANSWER = ['strict-transport-security', 'x-content-type-options'];
const ACCEPTED = 202;
/** Caches keep answers to other methods only when they are told to. */
const CACHEABLE_METHODS = ['GET', 'HEAD'];

/**
 * Puts headers on every answer, and forbids caches to keep answers of the API. A 202 gets only those that count without a page: it tells a
 * program that its events, or a job, were accepted. A producer would read the other 1 KB of them with each event that it publishes.
 */
export function addHeaders(fastify: FastifyInstance, headers: Readonly<Record<string, string>>): void {
  const withoutPage = Object.fromEntries(Object.entries(headers).filter(([name]) => FOR_EVERY_ANSWER.includes(name)));
  fastify.addHook('onSend', (request, reply, payload, done) => {
    void reply.headers(reply.statusCode === ACCEPTED ? withoutPage : headers);
    const isCacheable =
      CACHEABLE_METHODS.includes(request.method) && routeOf(request).url?.startsWith('/api/') === true;
    if (isCacheable && !reply.hasHeader('cache-control')) {
      void reply.header('cache-control', 'no-store');
    }
    done(null, payload);
  });
}
