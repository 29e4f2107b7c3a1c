import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/**
 * Helmet's headers, which are the same for every answer: it is asked for them once, since building them anew is a good part of the
 * time that publishing an event takes.
 *
 * @returns names in lower case
 */
export function securityHeaders(): Readonly<Record<string, string>> {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  const middleware = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
  middleware(answer.req, answer, (error?: unknown) => {
    if (error !== undefined) throw new Error('Helmet refused its settings.', { cause: error });
  });
  return Object.fromEntries(Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)]));
}
